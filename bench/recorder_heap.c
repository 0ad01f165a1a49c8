// Times malloc and free for bench/recorder.py: nanoseconds a pair, the least of many
// slices of a millisecond, because others take the processor away for longer than that.
// Words: how many threads, how deep the stack is, how many rounds.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define APART __attribute__((noipa))

enum { PAIRS = 20000, BLOCKS = 65536, REPLACEMENTS = 5000, SLICES = 30 };

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double less(double a, double b)
{
	return b < a ? b : a;
}

static APART double time_pairs(void)
{
	double least = 1e9;

	for (int k = 0; k < SLICES; k++) {
		double start = now_ns();

		for (int i = 0; i < PAIRS; i++) {
			void *volatile block = malloc(64);

			free(block);
		}
		least = less(least, (now_ns() - start) / PAIRS);
	}
	return least;
}

// Replaces a block at random in a set that the caches do not hold.
static APART double time_live_set(void)
{
	void **blocks = calloc(BLOCKS, sizeof(*blocks));
	uint32_t random = 1;
	double least = 1e9;

	for (int i = 0; i < BLOCKS; i++)
		blocks[i] = malloc(16 + (size_t)i * 7 % 500);
	for (int k = 0; k < SLICES; k++) {
		double start = now_ns();

		for (int i = 0; i < REPLACEMENTS; i++) {
			random = random * 1664525 + 1013904223;
			free(blocks[random >> 16]);
			blocks[random >> 16] = malloc(16 + (random >> 8) % 500);
		}
		least = less(least, (now_ns() - start) / REPLACEMENTS);
	}
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	free(blocks);
	return least;
}

static APART double at_depth(int depth, double (*method)(void))
{
	double result = depth <= 0 ? method() : at_depth(depth - 1, method);

	// Something to do behind the call: it is no jump.
	__asm__ volatile("" ::: "memory");
	return result;
}

static int depth = 10, rounds = 9;

static void *run(void *best)
{
	double *least = best;

	for (int i = 0; i < rounds; i++) {
		double pair = at_depth(depth, time_pairs);
		double live = at_depth(depth, time_live_set);

		least[0] = i == 0 ? pair : less(least[0], pair);
		least[1] = i == 0 ? live : less(least[1], live);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	enum { THREADS_MAX = 64 };
	static double least[THREADS_MAX][2];
	pthread_t threads[THREADS_MAX];
	int count = argc > 1 ? atoi(argv[1]) : 1;

	depth = argc > 2 ? atoi(argv[2]) : depth;
	rounds = argc > 3 ? atoi(argv[3]) : rounds;
	for (int i = 1; i < count; i++)
		pthread_create(&threads[i], NULL, run, least[i]);
	run(least[0]);
	for (int i = 1; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("%.2f %.2f\n", least[0][0], least[0][1]);
	return 0;
}
