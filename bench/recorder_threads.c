// How long a dump of all threads takes, with THREADS of them blocked: the least of 50, in
// microseconds; and how long a profile that needs no look at threads takes.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "goprof.h"

static sem_t never;

static __attribute__((noinline)) int wait_deep(int depth)
{
	int result = depth == 0 ? sem_wait(&never) : wait_deep(depth - 1);

	__asm__ volatile("");
	return result + 1;
}

static void *run(void *unused)
{
	wait_deep(6);
	return unused;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double least(const char *profile)
{
	FILE *null = fopen("/dev/null", "w");
	double best = 1e12;

	for (int i = 0; i < 50; i++) {
		double start = now_us();

		if (goprof_write_profile_fd(profile, fileno(null)) != 0)
			exit(1);
		start = now_us() - start;
		if (start < best)
			best = start;
	}
	fclose(null);
	return best;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 200;

	sem_init(&never, 0, 0);
	for (int i = 0; i < threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, run, NULL) != 0)
			return 1;
	}
	usleep(500000);
	printf("%.0f %.0f\n", least("threads"), least("threadcreate"));
	return 0;
}
