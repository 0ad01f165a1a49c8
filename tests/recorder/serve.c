// Serves its own endpoints while one thread uses the CPU and another allocates; ends with
// its standard input.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "goprof.h"

enum { LIVE = 4096 };

static volatile unsigned long turns;
static void *blocks[LIVE];

__attribute__((noinline)) static void burn(void)
{
	for (;;)
		turns = turns + 1;
}

static void *run_burner(void *unused)
{
	burn();
	return unused;
}

__attribute__((noinline)) static void allocate(unsigned i)
{
	free(blocks[i % LIVE]);
	blocks[i % LIVE] = malloc(1000);
}

static void *run_allocator(void *unused)
{
	for (unsigned i = 0;; i++) {
		allocate(i);
		usleep(1000);
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char byte;

	(void)argc;
	if (goprof_set_rate("heap", 1) != 0 || goprof_listen(argv[1]) != 0 ||
	    goprof_listen(argv[1]) == 0) {
		perror("goprof");
		return 1;
	}
	pthread_create(&thread, NULL, run_burner, NULL);
	pthread_create(&thread, NULL, run_allocator, NULL);
	puts("ready");
	fflush(stdout);
	return read(0, &byte, 1) == 0 ? 0 : 2;
}
