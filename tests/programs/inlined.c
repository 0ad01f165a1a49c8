// Two functions inlined into a third, two levels deep: only debug information knows them.
#include "truth.h"

static int64_t rows_ns, columns_ns;

INLINED uint64_t mix_row(uint64_t x, uint64_t n)
{
	return truth_work(x + 1, n);
}

INLINED uint64_t mix_rows(uint64_t x, uint64_t n)
{
	return mix_row(mix_row(x, 3 * n), 4 * n);
}

INLINED uint64_t mix_columns(uint64_t x, uint64_t n)
{
	return truth_work(x + 2, 3 * n);
}

APART uint64_t hash_block(uint64_t x)
{
	uint64_t n = truth_round(x);
	int64_t at = truth_now();

	x = mix_rows(x, n);
	at = truth_lap(&rows_ns, at);
	x = mix_columns(x, n);
	truth_lap(&columns_ns, at);
	return x;
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	uint64_t x = 1;

	while (truth_now() < end)
		x = hash_block(x);
	truth_print("mix_rows", rows_ns);
	truth_print("mix_columns", columns_ns);
	return truth_finish(x);
}
