// Sampling by bytes: the gaps between samples are exponential, so that each byte has the
// same chance; `values` in profile/recording_kinds.c undoes the sampling.
#include "recorder/heap.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "recorder/capture.h"
#include "recorder/heap_blocks.h"
#include "recorder/state.h"
#include "recorder/tracer.h"

enum {
	// How soon a thread notices that sampling was switched on.
	LOOK_AGAIN_BYTES = 1 << 20,
	FILTER_MANY = 255,
};

_Atomic uint8_t heap_filter[HEAP_FILTER_SIZE];

static void filter_add(const void *block)
{
	_Atomic uint8_t *slot = &heap_filter[heap_filter_slot(block)];
	uint8_t count = atomic_load_explicit(slot, memory_order_relaxed);

	while (count != FILTER_MANY &&
	       !atomic_compare_exchange_weak_explicit(slot, &count, count + 1,
						      memory_order_relaxed,
						      memory_order_relaxed))
		;
}

static void filter_remove(const void *block)
{
	_Atomic uint8_t *slot = &heap_filter[heap_filter_slot(block)];
	uint8_t count = atomic_load_explicit(slot, memory_order_relaxed);

	while (count != FILTER_MANY && count != 0 &&
	       !atomic_compare_exchange_weak_explicit(slot, &count, count - 1,
						      memory_order_relaxed,
						      memory_order_relaxed))
		;
}

// From now on each free asks heap_take_block.
static void know_all(void)
{
	memset((void *)heap_filter, FILTER_MANY, sizeof(heap_filter));
}

bool heap_set_rate(uint64_t rate)
{
	struct recording_state *state;

	if (rate == 0) {
		atomic_store(&recorder.heap_rate, 0);
		return true;
	}
	if (!state_begin() ||
	    !(rate == 1 ? heap_blocks_begin_all() : heap_blocks_begin()))
		return false;
	state = &state_recording()->states[RECORDING_HEAP];
	atomic_store(&state->period, rate);
	if (atomic_load(&state->started_ns) == 0)
		atomic_store(&state->started_ns, state_now_ns());
	// Nearly every free is of a block that is known then: counting would be a waste.
	if (rate == 1)
		know_all();
	atomic_store(&recorder.heap_rate, rate);
	// This thread notices at once.
	thread_state.heap_countdown = -1;
	thread_state.is_drawn = false;
	return true;
}

// Draws the next sample; false where this was none: sampling is off, or has been until
// now.
static bool draw(size_t size)
{
	uint64_t rate = atomic_load_explicit(&recorder.heap_rate, memory_order_relaxed);
	bool was_drawn = thread_state.is_drawn;

	// It may have come by for the trace alone.
	if (thread_state.heap_countdown >= 0)
		return false;
	thread_state.is_drawn = rate != 0;
	if (rate == 0) {
		thread_state.heap_countdown = LOOK_AGAIN_BYTES;
		return false;
	}
	if (rate == 1) {
		thread_state.heap_countdown = -1;
		return true;
	}
	thread_state.heap_countdown = thread_random_interval(rate);
	if (was_drawn)
		return true;
	thread_state.heap_countdown -= (int64_t)size;
	if (thread_state.heap_countdown >= 0)
		return false;
	thread_state.heap_countdown = thread_random_interval(rate);
	return true;
}

static void count_free(uint32_t id)
{
	const struct recording_bucket *bucket =
		recording_at(state_recording(), id, RECORDING_HEAP);

	if (bucket != NULL)
		capture_count((struct recording_bucket *)(uintptr_t)bucket, 1, 1);
}

static struct heap_sample take(void *block)
{
	struct heap_sample sample = { 0 };

	// Where the trace is on it may be a block that was never sampled.
	if (heap_is_in_filter(block))
		sample.bucket = heap_blocks_take((uintptr_t)block);
	if (sample.bucket != 0) {
		count_free(sample.bucket);
		filter_remove(block);
	}
	return sample;
}

static void put_back(void *block, struct heap_sample sample)
{
	const struct recording_bucket *bucket =
		recording_at(state_recording(), sample.bucket, RECORDING_HEAP);
	uint32_t before;

	if (bucket == NULL || !heap_blocks_put((uintptr_t)block, sample.bucket, &before))
		return;
	filter_add(block);
	atomic_fetch_sub_explicit(
		&((struct recording_bucket *)(uintptr_t)bucket)->events[1], 1,
		memory_order_relaxed);
}

static void forget(uint64_t block, uint32_t bucket)
{
	count_free(bucket);
	filter_remove((const void *)(uintptr_t)block);
}

static void record(void *block, size_t size, const struct unwind_registers *caller)
{
	struct recording_bucket *bucket = capture_stack(RECORDING_HEAP, size, caller, 1);
	uint32_t before;

	if (bucket == NULL)
		return;
	// Counted as allocated first: whoever reads in between sees no negative number.
	capture_count(bucket, 0, 1);
	filter_add(block);
	if (heap_blocks_put((uintptr_t)block, recording_id(state_recording(), bucket),
			    &before)) {
		// Its address comes again, so the free of the block before was not seen.
		if (before != 0)
			forget((uintptr_t)block, before);
		return;
	}
	take(block);
	filter_remove(block);
	capture_count(bucket, 1, 1);
	capture_lose(RECORDING_HEAP, 1);
}

static void trace(const struct tracer_event *event, const struct unwind_registers *caller)
{
	if (event->block != NULL && tracer_is_on())
		tracer_note(event, caller);
}

void heap_note_block(void *block, size_t size, const struct unwind_registers *caller,
		     enum trace_event event)
{
	struct tracer_event traced = { event, block, size, 0 };
	int errnum = errno;

	if (thread_state.is_inside)
		return;
	thread_state.is_inside = true;
	if (tracer_is_on())
		traced.time_ns = tracer_now_ns();
	trace(&traced, caller);
	if (draw(size) && block != NULL)
		record(block, size, caller);
	thread_state.is_inside = false;
	errno = errnum;
}

void heap_note_collected(void *block, size_t size, const struct unwind_registers *caller)
{
	int errnum = errno;

	if (thread_state.is_inside)
		return;
	thread_state.is_inside = true;
	if (draw(size) && block != NULL)
		record(block, size, caller);
	thread_state.is_inside = false;
	errno = errnum;
}

struct heap_sample heap_take_block(void *block)
{
	struct heap_sample sample = { 0 };
	int errnum = errno;

	if (thread_state.is_inside)
		return sample;
	thread_state.is_inside = true;
	sample = take(block);
	thread_state.is_inside = false;
	errno = errnum;
	return sample;
}

void heap_trace_free(void *block, const struct unwind_registers *caller,
		     enum trace_event event, uint64_t time_ns)
{
	struct tracer_event traced = { event, block, 0, time_ns };
	int errnum = errno;

	if (thread_state.is_inside)
		return;
	thread_state.is_inside = true;
	trace(&traced, caller);
	thread_state.is_inside = false;
	errno = errnum;
}

void heap_put_back(void *block, struct heap_sample sample)
{
	int errnum = errno;

	if (sample.bucket == 0 || thread_state.is_inside)
		return;
	thread_state.is_inside = true;
	put_back(block, sample);
	thread_state.is_inside = false;
	errno = errnum;
}

void heap_forget_blocks(bool (*is_gone)(uintptr_t block))
{
	heap_blocks_sweep(is_gone, forget);
}

void heap_reset_child(void)
{
	uint64_t rate = atomic_load(&recorder.heap_rate);

	heap_blocks_reset();
	memset((void *)heap_filter, 0, sizeof(heap_filter));
	thread_state.is_inside = false;
	heap_set_rate(rate);
}
