// busy [UNITS]: two threads that each do a fixed amount of work, with call stacks as real
// programs have them: a recursion, callbacks out of a library. Prints what it took.
#include <pthread.h>

#include "truth.h"

enum { KEYS = 512, TREE_DEPTH = 9 };

struct task {
	uint64_t units, x;
};

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

APART uint64_t sort_keys(uint64_t x)
{
	uint64_t keys[KEYS];

	for (int i = 0; i < KEYS; i++)
		keys[i] = x = truth_work(x, 1);
	qsort(keys, KEYS, sizeof(keys[0]), by_value);
	return keys[KEYS / 2];
}

APART uint64_t walk_tree(uint64_t x, int depth)
{
	if (depth == 0)
		return truth_work(x, 100);
	return walk_tree(x, depth - 1) + walk_tree(x + 1, depth - 1);
}

APART void *thread_main(void *argument)
{
	struct task *task = argument;

	for (uint64_t i = 0; i < task->units; i++)
		task->x = walk_tree(sort_keys(task->x), TREE_DEPTH);
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t units = argc > 1 ? strtoull(argv[1], NULL, 10) : 3000;
	int64_t start = truth_clock(CLOCK_MONOTONIC);
	struct task tasks[2] = { { units, 1 }, { units, 2 } };
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, thread_main, &tasks[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	truth_print("wall", truth_clock(CLOCK_MONOTONIC) - start);
	return truth_finish(tasks[0].x + tasks[1].x);
}
