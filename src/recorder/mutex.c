// Waiters are in an open table without a lock: those of one slot of the filter begin at
// the same place, and the filter says how many there are to be found.
#include "recorder/mutex.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/pages.h"
#include "recorder/capture.h"
#include "recorder/state.h"
#include "recorder/thread.h"
#include "recorder/wait.h"

enum {
	WAITERS = 1 << 14,
	PLACES_A_SLOT = WAITERS / MUTEX_FILTER_SIZE,
	PROBES_MAX = 1024,
};

// Places are numbered from 1. `since` is 0 while the entry is being made.
struct mutex_waiter {
	_Atomic uintptr_t lock; // complemented, 0: free
	_Atomic uint64_t since_ns;
};

_Atomic uint16_t mutex_filter[MUTEX_FILTER_SIZE];

static bool map_waiters(void)
{
	struct mutex_waiter *waiters = atomic_load(&recorder.mutex_waiters), *made;

	if (waiters != NULL)
		return true;
	made = pages_map(WAITERS * sizeof(*made));
	if (made == NULL)
		return false;
	if (!atomic_compare_exchange_strong(&recorder.mutex_waiters, &waiters, made))
		pages_unmap(made, WAITERS * sizeof(*made));
	return true;
}

bool mutex_set_rate(uint64_t rate)
{
	struct recording_state *state;

	if (rate != 0 && (!state_begin() || !map_waiters()))
		return false;
	if (rate != 0) {
		state = &state_recording()->states[RECORDING_MUTEX];
		atomic_store(&state->period, rate);
		if (atomic_load(&state->started_ns) == 0)
			atomic_store(&state->started_ns, state_now_ns());
	}
	atomic_store(&recorder.mutex_rate, rate);
	wait_update();
	return true;
}

static struct mutex_waiter *waiter_at(unsigned slot, unsigned probe)
{
	struct mutex_waiter *waiters =
		atomic_load_explicit(&recorder.mutex_waiters, memory_order_acquire);

	return &waiters[(slot * PLACES_A_SLOT + probe) % WAITERS];
}

static uint32_t claim(unsigned slot, uintptr_t lock, uint64_t now_ns)
{
	for (unsigned i = 0; i < PROBES_MAX; i++) {
		struct mutex_waiter *waiter = waiter_at(slot, i);
		uintptr_t none = 0;

		if (atomic_load_explicit(&waiter->lock, memory_order_relaxed) == 0 &&
		    atomic_compare_exchange_strong_explicit(&waiter->lock, &none, lock,
							    memory_order_acquire,
							    memory_order_relaxed)) {
			atomic_store_explicit(&waiter->since_ns, now_ns,
					      memory_order_relaxed);
			return (slot * PLACES_A_SLOT + i) % WAITERS + 1;
		}
	}
	return 0;
}

uint32_t mutex_enter(const void *lock, uint64_t now_ns)
{
	unsigned slot = mutex_filter_slot(lock);
	uint32_t place;

	if (atomic_load_explicit(&recorder.mutex_rate, memory_order_relaxed) == 0 ||
	    thread_state.is_inside)
		return 0;
	// A signal handler that waits in the middle of a wait, or one that was left by
	// longjmp.
	if (thread_state.waits_at != 0)
		mutex_leave(thread_state.waits_at);
	place = claim(slot, ~(uintptr_t)lock, now_ns);
	if (place == 0) {
		capture_lose(RECORDING_MUTEX, 1);
		return 0;
	}
	atomic_fetch_add_explicit(&mutex_filter[slot], 1, memory_order_relaxed);
	thread_state.waits_at = (uint16_t)place;
	return place;
}

void mutex_leave(uint32_t place)
{
	struct mutex_waiter *waiter = waiter_at(0, place - 1);
	const void *lock;

	// It has been left before.
	if (thread_state.waits_at != place)
		return;
	thread_state.waits_at = 0;
	lock = (const void *)~atomic_load_explicit(&waiter->lock, memory_order_relaxed);
	atomic_fetch_sub_explicit(&mutex_filter[mutex_filter_slot(lock)], 1,
				  memory_order_relaxed);
	atomic_store_explicit(&waiter->since_ns, 0, memory_order_relaxed);
	// Release: whoever claims the place finds it empty.
	atomic_store_explicit(&waiter->lock, 0, memory_order_release);
}

static uint64_t charge_one(struct mutex_waiter *waiter, uint64_t now_ns)
{
	uint64_t since = atomic_load_explicit(&waiter->since_ns, memory_order_relaxed);

	if (since == 0 || since >= now_ns ||
	    !atomic_compare_exchange_strong_explicit(&waiter->since_ns, &since, now_ns,
						     memory_order_relaxed,
						     memory_order_relaxed))
		return 0;
	return now_ns - since;
}

static uint64_t charge_all(const void *lock)
{
	unsigned slot = mutex_filter_slot(lock);
	unsigned left = atomic_load_explicit(&mutex_filter[slot], memory_order_relaxed);
	uint64_t now_ns = (uint64_t)clock_now_ns(), sum = 0;

	for (unsigned i = 0; left > 0 && i < PROBES_MAX; i++) {
		struct mutex_waiter *waiter = waiter_at(slot, i);
		uintptr_t other =
			~atomic_load_explicit(&waiter->lock, memory_order_relaxed);

		if (other == UINTPTR_MAX ||
		    mutex_filter_slot((const void *)other) != slot)
			continue;
		left--;
		if (other == (uintptr_t)lock)
			sum += charge_one(waiter, now_ns);
	}
	return sum;
}

uint64_t mutex_charge(const void *lock)
{
	uint64_t rate = atomic_load_explicit(&recorder.mutex_rate, memory_order_relaxed);
	uint64_t waited_ns;

	if (rate == 0 || thread_state.is_inside)
		return 0;
	// Taken from the waiters whether it is sampled or not: none is charged twice.
	waited_ns = charge_all(lock);
	return rate == 1 || thread_random_below(rate) == 0 ? waited_ns : 0;
}

void mutex_note(uint64_t waited_ns, const struct unwind_registers *caller)
{
	uint64_t rate = atomic_load_explicit(&recorder.mutex_rate, memory_order_relaxed);
	struct recording_bucket *bucket;
	int errnum = errno;

	if (waited_ns == 0 || rate == 0 || thread_state.is_inside)
		return;
	thread_state.is_inside = true;
	bucket = capture_stack(RECORDING_MUTEX, 0, caller, rate);
	if (bucket != NULL) {
		capture_count(bucket, 0, rate);
		capture_count(bucket, 1, waited_ns * rate);
	}
	thread_state.is_inside = false;
	errno = errnum;
}

void mutex_reset_child(void)
{
	struct mutex_waiter *waiters = atomic_load(&recorder.mutex_waiters);

	if (waiters != NULL)
		memset((void *)waiters, 0, WAITERS * sizeof(*waiters));
	memset((void *)mutex_filter, 0, sizeof(mutex_filter));
	thread_state.waits_at = 0;
	mutex_set_rate(atomic_load(&recorder.mutex_rate));
}
