// Allocates in known ways for the allocation trace; words say what goes wrong at the end.
// Nothing that allocates or frees ends in a jump to malloc or free.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APART __attribute__((noipa))

enum { PASSED = 5000, KEPT = 7, THREADS = 4 };

static void *handed[THREADS][PASSED];

APART void *allocate_kept(void)
{
	void *volatile block = malloc(1000);

	return block;
}

APART void *allocate_passed(int i)
{
	void *volatile block = calloc(1, 16 + (size_t)i % 64);

	return block;
}

APART void free_passed(void *block)
{
	free(block);
	__asm__ volatile("");
}

APART void *grow(void *old)
{
	void *volatile block = realloc(old, 100000);

	return block;
}

// One thread allocates, another one frees.
static void *free_all(void *blocks)
{
	for (int i = 0; i < PASSED; i++)
		free_passed(((void **)blocks)[i]);
	return NULL;
}

static void pass_blocks(void)
{
	pthread_t threads[THREADS];

	for (int t = 0; t < THREADS; t++) {
		for (int i = 0; i < PASSED; i++)
			handed[t][i] = allocate_passed(i);
		pthread_create(&threads[t], NULL, free_all, handed[t]);
	}
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
}

APART void free_again(void *volatile block)
{
	free(block);
	__asm__ volatile("");
}

// The same again for each line that is read; says when it is done.
static void serve(void)
{
	char line[16];

	while (read(STDIN_FILENO, line, sizeof(line)) > 0) {
		for (int i = 0; i < KEPT; i++)
			*(void *volatile *)allocate_kept() = NULL;
		pass_blocks();
		if (write(STDOUT_FILENO, "done\n", 5) != 5)
			break;
	}
}

int main(int argc, char **argv)
{
	void *volatile block = grow(malloc(10));

	for (int i = 0; i < KEPT; i++)
		*(void *volatile *)allocate_kept() = NULL;
	pass_blocks();
	free(block);
	if (argc > 1 && strcmp(argv[1], "served") == 0)
		serve();
	if (argc > 1 && strcmp(argv[1], "twice") == 0) {
		void *volatile small = malloc(24);

		free(small);
		free_again(small);
	}
	if (argc > 1 && strcmp(argv[1], "inside") == 0)
		free_again((char *)malloc(64) + 16);
	if (argc > 1 && strcmp(argv[1], "killed") == 0)
		kill(getpid(), SIGKILL);
	return 0;
}
