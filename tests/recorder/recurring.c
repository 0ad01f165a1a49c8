// Allocates at one place with one stack pointer, called by functions that take turns:
// only the words further up the stack tell whose the block is. Says "truth NAME objects
// bytes live_objects live_bytes".
#include <stdio.h>
#include <stdlib.h>

#define APART __attribute__((noipa))

enum { ROUNDS = 300, CALLERS = 3 };

static void *kept[ROUNDS * CALLERS];
static size_t kept_count;

static APART void *allocate(size_t size)
{
	void *volatile block = malloc(size);

	return block;
}

static APART void *between(size_t size)
{
	void *volatile block = allocate(size);

	return block;
}

static APART void by_first(size_t size)
{
	free(between(size));
	__asm__ volatile("" ::: "memory");
}

static APART void by_second(size_t size)
{
	kept[kept_count++] = between(size);
	__asm__ volatile("" ::: "memory");
}

static APART void by_third(size_t size)
{
	free(between(size + 1));
	__asm__ volatile("" ::: "memory");
}

// As deep as it is told, with its callers' names far from the leaf.
static APART void descend(int depth, void (*leaf)(size_t), size_t size)
{
	if (depth == 0)
		leaf(size);
	else
		descend(depth - 1, leaf, size);
	__asm__ volatile("" ::: "memory");
}

static APART void from_left(void (*leaf)(size_t), size_t size)
{
	descend(20, leaf, size);
	__asm__ volatile("" ::: "memory");
}

static APART void from_right(void (*leaf)(size_t), size_t size)
{
	descend(20, leaf, size);
	__asm__ volatile("" ::: "memory");
}

int main(void)
{
	static void (*const leaves[CALLERS])(size_t) = { by_first, by_second, by_third };
	const long n = ROUNDS;

	for (int i = 0; i < ROUNDS; i++) {
		for (int k = 0; k < CALLERS; k++) {
			// Never the same side twice, and the sides begin in turn.
			if ((i + k) % 2 == 0)
				from_left(leaves[k], 100);
			else
				from_right(leaves[k], 100);
		}
	}
	printf("truth by_first %ld %ld 0 0\n", n, n * 100);
	printf("truth by_second %ld %ld %ld %ld\n", n, n * 100, n, n * 100);
	printf("truth by_third %ld %ld 0 0\n", n, n * 101);
	printf("truth from_left %ld %ld %ld %ld\n", n / 2 * 3, n / 2 * 301, n / 2,
	       n / 2 * 100);
	printf("truth from_right %ld %ld %ld %ld\n", n / 2 * 3, n / 2 * 301, n / 2,
	       n / 2 * 100);
	return 0;
}
