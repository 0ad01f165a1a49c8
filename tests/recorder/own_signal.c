// Has a handler for SIGPROF before it starts the profile: the profile must take another
// signal, and the handler must see its own signals alone.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "goprof.h"

static volatile sig_atomic_t seen;

static void on_signal(int number)
{
	(void)number;
	seen = seen + 1;
}

__attribute__((noinline)) static void spin(double seconds)
{
	clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);

	while (clock() < end)
		;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal }, now;

	(void)argc;
	sigaction(SIGPROF, &action, NULL);
	if (goprof_start_cpu_profile(1000) != 0)
		return 1;
	spin(0.3);
	if (seen != 0 || sigaction(SIGPROF, NULL, &now) != 0 ||
	    now.sa_handler != on_signal)
		return 2;
	raise(SIGPROF);
	if (seen != 1)
		return 3;
	return goprof_stop_cpu_profile(argv[1]) == 0 ? 0 : 4;
}
