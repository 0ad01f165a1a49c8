// Two threads that take the same time, and one that is started later and takes half of
// it.
#include <pthread.h>
#include <unistd.h>

#include "truth.h"

struct share {
	uint64_t (*work)(uint64_t x, uint64_t n);
	int64_t budget_ns, taken_ns;
	uint64_t x;
};

APART uint64_t equal_a(uint64_t x, uint64_t n)
{
	return truth_work(x + 1, n);
}

APART uint64_t equal_b(uint64_t x, uint64_t n)
{
	return truth_work(x + 2, n);
}

APART uint64_t late(uint64_t x, uint64_t n)
{
	return truth_work(x + 3, n);
}

APART void *thread_main(void *argument)
{
	struct share *share = argument;
	int64_t at = truth_now();

	while (share->taken_ns < share->budget_ns) {
		share->x = share->work(share->x, truth_round(share->x));
		at = truth_lap(&share->taken_ns, at);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int64_t budget = truth_budget(argc, argv);
	struct share shares[3] = {
		{ equal_a, budget * 2 / 5, 0, 1 },
		{ equal_b, budget * 2 / 5, 0, 1 },
		{ late, budget / 5, 0, 1 },
	};
	pthread_t threads[3];

	pthread_create(&threads[0], NULL, thread_main, &shares[0]);
	pthread_create(&threads[1], NULL, thread_main, &shares[1]);
	usleep((useconds_t)(budget / 1000 / 4));
	pthread_create(&threads[2], NULL, thread_main, &shares[2]);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	truth_print("equal_a", shares[0].taken_ns);
	truth_print("equal_b", shares[1].taken_ns);
	truth_print("late", shares[2].taken_ns);
	return truth_finish(shares[0].x + shares[1].x + shares[2].x);
}
