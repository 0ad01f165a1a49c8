// Per-thread state and its random numbers.
#include "recorder/thread.h"

#include <time.h>

#include "base/exponential.h"

__thread struct thread_state thread_state;

// xorshift64*, G. Marsaglia and S. Vigna. A thread starts it at its own place and time.
uint64_t thread_random(void)
{
	uint64_t x = thread_state.random;

	if (x == 0) {
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		x = ((uintptr_t)&thread_state ^ (uint64_t)now.tv_nsec << 20) *
			    0x9e3779b97f4a7c15 |
		    1;
	}
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	thread_state.random = x;
	return x * 0x2545f4914f6cdd1d | 1;
}

uint64_t thread_random_below(uint64_t limit)
{
	// The lowest bit is always 1.
	return (thread_random() >> 11) % limit;
}

int64_t thread_random_interval(uint64_t mean)
{
	// In (0, 1]: 53 bits and a half.
	double u = ((double)(thread_random() >> 11) + 0.5) / 9007199254740992.0;
	double interval = -exponential_log(u) * (double)mean;

	return interval < 1 ? 1 : (int64_t)interval;
}
