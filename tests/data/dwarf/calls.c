// Inlined calls in C: nested, repeated, and with a part that is rarely executed.
#include <stdio.h>
#include <stdlib.h>

static inline int twice(int x)
{
	return x * 2 + (x & 1);
}

static inline int four_times(int x)
{
	return twice(twice(x));
}

__attribute__((cold, noinline)) static int complain(int x)
{
	fprintf(stderr, "%d is too much\n", x);
	return -x;
}

__attribute__((noinline)) int checked(int x)
{
	if (__builtin_expect(x > 1000, 0)) {
		int bad = complain(four_times(x));

		if (bad < -5000)
			abort();
		return bad;
	}
	return four_times(x + 1);
}

int main(int argc, char **argv)
{
	int sum = 0;

	for (int i = 0; i < argc * 10; i++)
		sum += checked(i + (int)argv[0][0] % 7) ^ twice(sum);
	printf("%d\n", sum);
	return 0;
}
