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

// Whether it is the bucket of that key, if it is one of its stack.
static bool is_of(const struct recording_bucket *bucket, const struct recording_key *key)
{
	return bucket != NULL && bucket->size == key->size &&
	       bucket->labels == key->labels && bucket->epoch == key->epoch;
}

// By what was noted for the stack, when it came by before in the same recording.
static struct recording_bucket *find_noted(struct recording *recording,
					   struct walker *walker, uint32_t serial,
					   const struct recording_key *key)
{
	struct walker_note *note =
		walker_note_of(walker, serial, key->size << 4 | key->kind);
	struct recording_bucket *bucket;

	if (note->serial == serial) {
		bucket = (struct recording_bucket *)(uintptr_t)recording_at(
			recording, note->id, key->kind);
		if (is_of(bucket, key))
			return bucket;
	}
	bucket = recording_add(recording, key);
	if (bucket != NULL)
		*note = (struct walker_note){ serial, recording_id(recording, bucket) };
	return bucket;
}

static struct recording_bucket *find_bucket(struct recording *recording,
					    struct walker *walker,
					    struct recording_key *key,
					    const struct unwind_registers *registers)
{
	// What was interrupted somewhere is hardly ever there again.
	struct walker_stack stack = registers->is_return
					    ? walker_walk_again(walker, registers)
					    : walker_walk(walker, registers);

	key->words = stack.addresses;
	key->count = stack.count;
	key->epoch = stack.epoch;
	key->is_truncated = stack.is_truncated;
	if (stack.serial != 0)
		return find_noted(recording, walker, stack.serial, key);
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
