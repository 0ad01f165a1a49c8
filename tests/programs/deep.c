// deep [SECONDS [DEPTH]]: a recursion whose last call does the work.
#include "truth.h"

static int64_t bottom_ns;

APART uint64_t bottom(uint64_t x)
{
	int64_t at = truth_now();

	x = truth_work(x, truth_round(x) * 2);
	truth_lap(&bottom_ns, at);
	return x;
}

// What is done with the result keeps the compiler from making a loop of the recursion.
APART uint64_t descend(uint64_t x, long depth)
{
	if (depth == 0)
		return bottom(x);
	return truth_work(descend(x + 1, depth - 1), 1);
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	long depth = argc > 2 ? strtol(argv[2], NULL, 10) : 240;
	uint64_t x = 1;

	while (truth_now() < end)
		x = descend(x, depth);
	truth_print("bottom", bottom_ns);
	return truth_finish(x);
}
