// What the kernel's clocks say, in one number. Safe in signal handlers.
#pragma once

#include <stdint.h>
#include <time.h>

enum { CLOCK_NS_PER_MS = 1000000 };

static inline int64_t clock_read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Of a clock that only goes on, from a start that means nothing.
static inline int64_t clock_now_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

static inline int64_t clock_now_ms(void)
{
	return clock_now_ns() / CLOCK_NS_PER_MS;
}

// Since 1970, by the clock that can be set.
static inline int64_t clock_date_ns(void)
{
	return clock_read_ns(CLOCK_REALTIME);
}
