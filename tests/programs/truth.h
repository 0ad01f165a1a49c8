// For programs whose profile is known: work of equal cost, and clocks that say what each
// kind of it took. A program prints "truth NAME NANOSECONDS" lines when it ends, of CPU
// time; "truth total" is that of the whole process.
#pragma once

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// Kept apart by the compiler: never inlined, cloned or merged with its equals.
#ifdef __clang__
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noipa))
#endif
#define INLINED static inline __attribute__((always_inline))

// The work itself, a chain in which each step needs the one before it. It is part of
// whoever calls it, an inlined frame where there is debug information.
INLINED uint64_t truth_work(uint64_t x, uint64_t steps)
{
	for (uint64_t i = 0; i < steps; i++)
		x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u + i;
	return x;
}

static inline int64_t truth_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t truth_now(void)
{
	return truth_clock(CLOCK_THREAD_CPUTIME_ID);
}

// Adds what passed since `from` and gives the time now, from where the next lap counts.
static inline int64_t truth_lap(int64_t *sum, int64_t from)
{
	int64_t now = truth_now();

	*sum += now - from;
	return now;
}

// Rounds of changing length, so that no sampling period falls into step with them; some
// hundred microseconds long, beside which the asking for the time is nothing.
static inline uint64_t truth_round(uint64_t x)
{
	return 100000 + (x >> 7) % 100000;
}

// The CPU time the program shall take, from its first argument; by default 1 s.
static inline int64_t truth_budget(int argc, char **argv)
{
	return (int64_t)((argc > 1 ? strtod(argv[1], NULL) : 1) * 1e9);
}

static inline void truth_print(const char *name, int64_t ns)
{
	printf("truth %s %" PRId64 "\n", name, ns);
}

// Last of all; `x` is printed so that no work can be left out.
static inline int truth_finish(uint64_t x)
{
	printf("result %" PRIu64 "\n", x);
	truth_print("total", truth_clock(CLOCK_PROCESS_CPUTIME_ID));
	fflush(stdout);
	return 0;
}
