// Allocates blocks of mixed sizes at random, half of which it frees in another thread,
// and says what it allocated, as heap.c does.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define APART __attribute__((noipa))

enum { BLOCKS = 60000 };

static void *blocks[3][BLOCKS];

static APART void allocate_small(void **out)
{
	for (int i = 0; i < BLOCKS; i++)
		out[i] = malloc(64);
}

static APART void allocate_medium(void **out)
{
	for (int i = 0; i < BLOCKS / 4; i++)
		out[i] = malloc(1000);
}

static APART void allocate_large(void **out)
{
	for (int i = 0; i < BLOCKS / 100; i++)
		out[i] = malloc(70000);
}

static void *free_half(void *unused)
{
	for (int k = 0; k < 3; k++) {
		for (int i = 0; i < BLOCKS; i += 2)
			free(blocks[k][i]);
	}
	return unused;
}

static void say(const char *name, long count, long size)
{
	printf("truth %s %ld %ld %ld %ld\n", name, count, count * size, count / 2,
	       count / 2 * size);
}

int main(void)
{
	pthread_t other;

	allocate_small(blocks[0]);
	allocate_medium(blocks[1]);
	allocate_large(blocks[2]);
	if (pthread_create(&other, NULL, free_half, NULL) != 0)
		return 1;
	pthread_join(other, NULL);
	say("allocate_small", BLOCKS, 64);
	say("allocate_medium", BLOCKS / 4, 1000);
	say("allocate_large", BLOCKS / 100, 70000);
	return 0;
}
