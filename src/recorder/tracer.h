// The allocation trace: every allocation and free, into a mapped file (profile/trace.h).
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/trace.h"
#include "recorder/state.h"

struct recording;
struct unwind_registers;

// Makes the file that the settings name and maps it; the recording in it, or NULL, which
// has been said on stderr.
struct recording *tracer_map(void);

// As a row of kinds.h: 1 begins, 0 ends.
bool tracer_set_rate(uint64_t rate);
void tracer_reset_child(void);

// Gives the file its final size.
void tracer_finish(void);

static inline bool tracer_is_on(void)
{
	return __builtin_expect(
		atomic_load_explicit(&recorder.is_tracing, memory_order_relaxed), false);
}

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
