// The heap profile: samples allocations, and finds their frees again.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/trace.h"
#include "recorder/thread.h"
#include "recorder/tracer.h"

struct unwind_registers;

// Samples one allocation in `rate` bytes on average from now on; 1 is every one, 0 none.
// What was sampled stays known. False for lack of memory.
bool heap_set_rate(uint64_t rate);

enum { HEAP_FILTER_SIZE = 1 << 15 };

// How many live samples share a slot, for a free to pass by what was never sampled; 255
// is "many" and stays.
extern _Atomic uint8_t heap_filter[HEAP_FILTER_SIZE]
	__attribute__((visibility("hidden")));

static inline unsigned heap_filter_slot(const void *block)
{
	return (uint32_t)((uintptr_t)block >> 4) * 0x9e3779b1u >> 17;
}

// Whether an allocation of that size is the thread's next sample, or it is time to look
// again whether one is wanted, or all are traced. Costs one subtraction and a look at a
// flag.
static inline bool heap_is_due(size_t size)
{
	thread_state.heap_countdown -= (int64_t)size;
	return __builtin_expect(thread_state.heap_countdown < 0, 0) || tracer_is_on();
}

static inline bool heap_is_in_filter(const void *block)
{
	return __builtin_expect(
		atomic_load_explicit(&heap_filter[heap_filter_slot(block)],
				     memory_order_relaxed) != 0,
		0);
}

// Whether the free of that block is to be noted.
static inline bool heap_may_know(const void *block)
{
	return heap_is_in_filter(block) || tracer_is_on();
}

// For an allocation that was due: tells the trace, decides, and records the block (NULL
// is a failure of the allocator). Not for signal handlers. Keeps errno.
void heap_note_block(void *block, size_t size, const struct unwind_registers *caller,
		     enum trace_event event);

// The same for a block of a garbage collector, which the trace is not told: it would
// never see it freed.
void heap_note_collected(void *block, size_t size, const struct unwind_registers *caller);

// What was known of a block.
struct heap_sample {
	uint32_t bucket; // 0: it was not sampled
};

// For a block that is about to be freed and may be known. Keeps errno.
struct heap_sample heap_take_block(void *block);

// Tells the allocation trace that a block was freed at that time, by tracer_now_ns. Keeps
// errno.
void heap_trace_free(void *block, const struct unwind_registers *caller,
		     enum trace_event event, uint64_t time_ns);

// For one that was not freed after all: realloc failed. Keeps errno.
void heap_put_back(void *block, struct heap_sample sample);

// Counts all live samples as freed that `is_gone` says so of; for a garbage collector.
void heap_forget_blocks(bool (*is_gone)(uintptr_t block));

// Starts again in a forked child.
void heap_reset_child(void);
