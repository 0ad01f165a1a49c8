// The allocation trace: every allocation and free, into mapped memory (profile/trace.h)
// that is a file's, or whoever asked for it at the owner's socket is sent.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/trace.h"
#include "recorder/state.h"

struct recording;
struct unwind_registers;

// As a row of kinds.h: 1 begins a trace into the file that the settings name, 0 ends it.
bool tracer_set_rate(uint64_t rate);
void tracer_reset_child(void);

// Gives the file its final size.
void tracer_finish(void);

// Makes an empty trace of memory that is zeroed but for `size`, `is_brief` and
// `is_part`, of which the recording takes recording_size, and begins to fill it: by all
// threads, at once. False when a trace is under way or there is no memory; the trace is
// nobody's then. Takes the loader's lock.
bool tracer_begin(struct trace_head *trace, uint64_t recording_size);

// Ends the trace that tracer_begin began; the bytes that it has, from its head. In
// *is_left whether all threads have left it, so that it can be unmapped.
uint64_t tracer_end(bool *is_left);

static inline bool tracer_is_on(void)
{
	return __builtin_expect(
		atomic_load_explicit(&recorder.is_tracing, memory_order_relaxed), false);
}

// The stacks and modules of the trace that is under way; NULL where there is none.
struct recording *tracer_recording(void);

uint64_t tracer_now_ns(void);

// Records an event of the calling thread with the stack of its caller. Times of frees are
// taken before the block can become somebody else's, those of allocations afterwards: so
// times order what happens to an address. Never waits; keeps errno; not for signal
// handlers.
struct tracer_event {
	enum trace_event event;
	const void *block;
	size_t size;
	uint64_t time_ns;
};

void tracer_note(const struct tracer_event *event, const struct unwind_registers *caller);
