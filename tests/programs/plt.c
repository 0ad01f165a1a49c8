// A loop that spends much of its time on the way into a library, in the PLT.
#include "library.h"
#include "truth.h"

static int64_t calling_ns, staying_ns;

APART uint64_t call_library(uint64_t x, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		x = tiny_step(x);
	return x;
}

APART uint64_t stay_home(uint64_t x, uint64_t n)
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

		x = call_library(x, n * 4);
		at = truth_lap(&calling_ns, at);
		x = stay_home(x, n);
		truth_lap(&staying_ns, at);
	}
	truth_print("call_library", calling_ns);
	truth_print("stay_home", staying_ns);
	return truth_finish(x);
}
