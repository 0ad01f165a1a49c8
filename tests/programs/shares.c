// Three functions that take 60, 30 and 10 percent of the time.
#include "truth.h"

APART uint64_t heavy(uint64_t x, uint64_t n)
{
	return truth_work(x + 1, 6 * n);
}

APART uint64_t medium(uint64_t x, uint64_t n)
{
	return truth_work(x + 2, 3 * n);
}

APART uint64_t light(uint64_t x, uint64_t n)
{
	return truth_work(x + 3, n);
}

static int64_t heavy_ns, medium_ns, light_ns;

APART uint64_t run_round(uint64_t x)
{
	uint64_t n = truth_round(x);
	int64_t at = truth_now();

	x = heavy(x, n);
	at = truth_lap(&heavy_ns, at);
	x = medium(x, n);
	at = truth_lap(&medium_ns, at);
	x = light(x, n);
	truth_lap(&light_ns, at);
	return x;
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	uint64_t x = 1;

	while (truth_now() < end)
		x = run_round(x);
	truth_print("heavy", heavy_ns);
	truth_print("medium", medium_ns);
	truth_print("light", light_ns);
	return truth_finish(x);
}
