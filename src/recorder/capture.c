// Walk, look up, count.
#include "recorder/capture.h"

#include "recorder/state.h"
#include "recorder/thread.h"
#include "recorder/walker.h"

static void add(_Atomic uint64_t *counter, uint64_t events)
{
	atomic_fetch_add_explicit(counter, events, memory_order_relaxed);
}

void capture_lose(enum recording_kind kind, uint64_t events)
{
	struct recording *recording = state_recording();

	if (recording != NULL)
		add(&recording->states[kind].lost, events);
	else
		add(&recorder.unrecorded, events);
}

static struct recording_bucket *find_bucket(struct recording *recording,
					    struct walker *walker,
					    struct recording_key *key,
					    const struct unwind_registers *registers)
{
	struct walker_stack stack = walker_walk(walker, registers);

	key->words = stack.addresses;
	key->count = stack.count;
	key->epoch = stack.epoch;
	key->is_truncated = stack.is_truncated;
	return recording_add(recording, key);
}

struct recording_bucket *capture_stack(enum recording_kind kind, uint64_t size,
				       const struct unwind_registers *registers,
				       uint64_t events)
{
	struct recording *recording = state_recording();
	struct walker *walker = recording == NULL ? NULL : walker_acquire();
	struct recording_key key = { .kind = kind,
				     .size = size,
				     .labels = thread_state.labels };
	struct recording_bucket *bucket;

	if (walker == NULL) {
		capture_lose(kind, events);
		return NULL;
	}
	bucket = find_bucket(recording, walker, &key, registers);
	walker_release(walker);
	if (bucket == NULL) {
		capture_lose(kind, events);
		return NULL;
	}
	return bucket;
}
