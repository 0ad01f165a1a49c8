// Uses SIGPROF itself while it is profiled: by handlers, by ignoring it, by the default,
// and must find each as it was set. Ends as by SIGPROF, by a timer of its own.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void on_signal(int number)
{
	seen = number;
}

static void on_action(int number, siginfo_t *info, void *context)
{
	seen = context != NULL && info->si_signo == number ? number + 1 : -1;
}

static void require(int condition, int line)
{
	if (!condition) {
		printf("line %d\n", line);
		exit(1);
	}
}

static void spin(double seconds)
{
	clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);

	while (clock() < end)
		;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_action, .sa_flags = SA_SIGINFO };
	struct sigaction old;
	struct itimerval timer = { .it_value = { .tv_usec = 50000 } };

	require(sigaction(SIGPROF, NULL, &old) == 0 && old.sa_handler == SIG_DFL,
		__LINE__);
	require(signal(SIGPROF, on_signal) == SIG_DFL, __LINE__);
	spin(0.1);
	require(seen == 0, __LINE__);
	raise(SIGPROF);
	require(seen == SIGPROF, __LINE__);
	require(sigaction(SIGPROF, &action, &old) == 0, __LINE__);
	require(old.sa_handler == on_signal, __LINE__);
	raise(SIGPROF);
	require(seen == SIGPROF + 1, __LINE__);
	require(signal(SIGPROF, SIG_IGN) == (void (*)(int))on_action, __LINE__);
	raise(SIGPROF);
	spin(0.1);
	require(signal(SIGPROF, SIG_DFL) == SIG_IGN, __LINE__);
	spin(0.1);
	puts("all well");
	fflush(stdout);
	setitimer(ITIMER_PROF, &timer, NULL);
	spin(5);
	return 1;
}
