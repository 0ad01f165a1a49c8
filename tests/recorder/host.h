// What the programs of tests/recorder/hosts.py share.
#pragma once

#include <stdlib.h>
#include <time.h>

static inline double cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// By CPU time, so that signals of profilers come.
__attribute__((noinline)) static void burn(double seconds)
{
	double end = cpu_time() + seconds;

	while (cpu_time() < end) {
		void *volatile block = malloc(1000);

		free(block);
	}
}
