// Does a little of everything that the profilers of C libraries can see: calls,
// recursion, memory kept and memory given back. They write the profiles; see profiles.py.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEPT = 200, WORDS = 2000 };

static char *kept[KEPT];

static void keep(void)
{
	for (int i = 0; i < KEPT; i++) {
		size_t size = 10000 + 300 * (size_t)i;

		kept[i] = malloc(size);
		memset(kept[i], i, size);
	}
}

static int fib(int n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static unsigned sort_words(unsigned seed)
{
	char *words[WORDS];
	unsigned sum = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		words[i] = malloc(32);
		snprintf(words[i], 32, "%x", (i + seed) * 7919 % WORDS);
	}
	qsort(words, WORDS, sizeof(words[0]), by_text);
	for (unsigned i = 0; i < WORDS; i++) {
		sum += (unsigned char)words[i][0];
		free(words[i]);
	}
	return sum;
}

int main(void)
{
	clock_t until = clock() + CLOCKS_PER_SEC;
	unsigned sum = 0;

	keep();
	while (clock() < until)
		sum += (unsigned)fib(22) + sort_words(sum);
	printf("%u %s\n", sum, kept[1] == NULL ? "none" : "kept");
	return 0;
}
