// Asks for the time over and over, which on most machines runs in the vDSO.
#include "truth.h"

static int64_t asking_ns, thinking_ns;

APART uint64_t ask_clock(uint64_t x, uint64_t n)
{
	struct timespec now;

	for (uint64_t i = 0; i < n; i++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		x += (uint64_t)now.tv_nsec;
	}
	return x;
}

APART uint64_t think(uint64_t x, uint64_t n)
{
	return truth_work(x, n);
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	uint64_t x = 1;

	while (truth_now() < end) {
		uint64_t n = truth_round(x);
		int64_t at = truth_now();

		x = ask_clock(x, n / 4);
		at = truth_lap(&asking_ns, at);
		x = think(x, n * 2);
		truth_lap(&thinking_ns, at);
	}
	truth_print("ask_clock", asking_ns);
	truth_print("think", thinking_ns);
	return truth_finish(x);
}
