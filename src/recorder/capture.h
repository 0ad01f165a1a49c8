// From registers to a bucket of the recording: what every profile of stacks does.
#pragma once

#include <stdint.h>

#include "profile/recording.h"

struct unwind_registers;

// Walks the stack and adds its bucket, with the labels of this thread. NULL when there is
// no room; `events`, which is what the sample stands for, is counted as lost then.
// Async-signal-safe; errno is kept.
struct recording_bucket *capture_stack(enum recording_kind kind, uint64_t size,
				       const struct unwind_registers *registers,
				       uint64_t events);

// Counts events that could not be recorded.
void capture_lose(enum recording_kind kind, uint64_t events);

static inline void capture_count(struct recording_bucket *bucket, unsigned which,
				 uint64_t events)
{
	atomic_fetch_add_explicit(&bucket->events[which], events, memory_order_relaxed);
}
