// How much CPU time a sample stands for. The timer behind a cpu-clock event fires once
// for all periods that passed while it could not fire (hrtimer_forward_now): the virtual
// CPU was halted, or the kernel had interrupts off. What the event itself has counted
// tells how many these were.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

// Zero-initialised but for the period is empty and valid.
struct overrun {
	uint64_t period; // of the events, in ns
	uint32_t gaps;
	struct map rows; // stream id -> row of streams
	struct overrun_stream *streams;
	size_t count, capacity;
};

void overrun_deinit(struct overrun *overrun);

// The next sample of a stream, and what its event had counted then: gives the ns since
// the one before it, in whole periods, and at least one. What a period is short of or
// beyond the count is kept for the next sample, so that the sum follows the count.
uint64_t overrun_take(struct overrun *overrun, uint64_t stream_id, uint64_t counted);

// Samples were lost: nobody knows where the time since the last ones was spent, so the
// next one of each stream stands for a single period.
void overrun_note_gap(struct overrun *overrun);
