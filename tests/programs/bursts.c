// Short bursts of work between short sleeps: most end before a sampling period does.
#include <unistd.h>

#include "truth.h"

static int64_t burst_ns;

APART uint64_t burst(uint64_t x, uint64_t n)
{
	return truth_work(x, n);
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	uint64_t x = 1;

	while (truth_now() < end) {
		int64_t at = truth_now();

		x = burst(x, truth_round(x) * 2);
		truth_lap(&burst_ns, at);
		usleep((useconds_t)(200 + x % 700));
	}
	truth_print("burst", burst_ns);
	return truth_finish(x);
}
