// Work in signal handlers: one signal is raised by the program itself, the other
// interrupts it anywhere.
#include <signal.h>
#include <sys/time.h>

#include "truth.h"

static volatile uint64_t seed = 1;
static int64_t raised_ns, alarm_ns, interrupted_ns;

APART uint64_t raised_work(uint64_t x)
{
	return truth_work(x + 1, 100000);
}

APART uint64_t alarm_work(uint64_t x)
{
	return truth_work(x + 2, 400000);
}

APART void on_raised(int number)
{
	int64_t at = truth_now();

	(void)number;
	seed = raised_work(seed);
	truth_lap(&raised_ns, at);
}

APART void on_alarm(int number)
{
	int64_t at = truth_now();

	(void)number;
	seed = alarm_work(seed);
	truth_lap(&alarm_ns, at);
}

// What the alarm interrupts: a leaf function at any of its instructions.
APART uint64_t interrupted(uint64_t x)
{
	return truth_work(x + 3, 300000);
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	struct itimerval every = { { 0, 5000 }, { 0, 5000 } };
	uint64_t x = 1;

	signal(SIGUSR1, on_raised);
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &every, NULL);
	while (truth_now() < end) {
		raise(SIGUSR1);
		int64_t at = truth_now();
		x = interrupted(x);
		truth_lap(&interrupted_ns, at);
	}
	truth_print("raised_work", raised_ns);
	truth_print("alarm_work", alarm_ns);
	truth_print("interrupted", interrupted_ns);
	return truth_finish(x + seed);
}
