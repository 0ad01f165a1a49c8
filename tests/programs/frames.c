// Frames that are hard to unwind: of a size known only at run time, realigned, and with
// all preserved registers pushed.
#include <alloca.h>
#include <string.h>

#include "truth.h"

static int64_t sized_ns, realigned_ns, pushed_ns;

APART uint64_t leaf(uint64_t x, uint64_t n)
{
	return truth_work(x, n);
}

APART uint64_t sized_at_run_time(uint64_t x, uint64_t n)
{
	size_t size = 16 + x % 400;
	char *bytes = alloca(size);

	memset(bytes, (int)(x & 127), size);
	x = leaf(x, n);
	return x + (uint64_t)bytes[size / 2];
}

APART __attribute__((force_align_arg_pointer)) uint64_t realigned(uint64_t x, uint64_t n)
{
	_Alignas(64) volatile char bytes[64] = { (char)(x & 127) };

	x = leaf(x, n);
	return x + (uint64_t)bytes[0];
}

APART uint64_t all_pushed(uint64_t x, uint64_t n)
{
	__asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15");
	x = leaf(x, n);
	__asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15");
	return x + 1;
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	uint64_t x = 1;

	while (truth_now() < end) {
		uint64_t n = truth_round(x);
		int64_t at = truth_now();

		x = sized_at_run_time(x, n);
		at = truth_lap(&sized_ns, at);
		x = realigned(x, n);
		at = truth_lap(&realigned_ns, at);
		x = all_pushed(x, n);
		truth_lap(&pushed_ns, at);
	}
	truth_print("sized_at_run_time", sized_ns);
	truth_print("realigned", realigned_ns);
	truth_print("all_pushed", pushed_ns);
	return truth_finish(x);
}
