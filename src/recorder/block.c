// Waits as long as the rate are counted as they are. A shorter one of d nanoseconds is
// sampled with the chance d / rate, and then stands for rate / d of them.
#include "recorder/block.h"

#include <errno.h>
#include <stdatomic.h>

#include "recorder/capture.h"
#include "recorder/state.h"
#include "recorder/thread.h"
#include "recorder/wait.h"

bool block_set_rate(uint64_t rate)
{
	struct recording_state *state;

	if (rate != 0 && !state_begin())
		return false;
	if (rate != 0) {
		state = &state_recording()->states[RECORDING_BLOCK];
		atomic_store(&state->period, rate);
		if (atomic_load(&state->started_ns) == 0)
			atomic_store(&state->started_ns, state_now_ns());
	}
	atomic_store(&recorder.block_rate, rate);
	wait_update();
	return true;
}

static bool is_sampled(uint64_t waited_ns, uint64_t rate)
{
	return rate <= waited_ns || thread_random_below(rate) < waited_ns;
}

// rate / waited_ns, rounded up as often as its fraction says: right in the mean.
static uint64_t events_a_sample(uint64_t waited_ns, uint64_t rate)
{
	if (rate <= waited_ns)
		return 1;
	return rate / waited_ns + (thread_random_below(waited_ns) < rate % waited_ns);
}

static void record(uint64_t waited_ns, uint64_t rate,
		   const struct unwind_registers *caller)
{
	uint64_t events = events_a_sample(waited_ns, rate);
	struct recording_bucket *bucket =
		capture_stack(RECORDING_BLOCK, 0, caller, events);

	if (bucket == NULL)
		return;
	capture_count(bucket, 0, events);
	capture_count(bucket, 1, rate <= waited_ns ? waited_ns : rate);
}

void block_note(uint64_t waited_ns, const struct unwind_registers *caller)
{
	uint64_t rate = atomic_load_explicit(&recorder.block_rate, memory_order_relaxed);
	int errnum = errno;

	if (waited_ns == 0)
		waited_ns = 1;
	if (rate == 0 || thread_state.is_inside || !is_sampled(waited_ns, rate))
		return;
	thread_state.is_inside = true;
	record(waited_ns, rate, caller);
	thread_state.is_inside = false;
	errno = errnum;
}

void block_reset_child(void)
{
	block_set_rate(atomic_load(&recorder.block_rate));
}
