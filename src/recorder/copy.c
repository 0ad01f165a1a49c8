// The head first: whatever it names is complete by then.
#include "recorder/copy.h"

#include <string.h>

#include "base/pages.h"
#include "profile/recording.h"
#include "recorder/state.h"

struct recording *copy_take(void)
{
	const struct recording *recording = state_recording();
	struct recording *copy = recording == NULL ? NULL : pages_map(recording->size);
	uint64_t end;

	if (copy == NULL)
		return NULL;
	memcpy(copy, recording, sizeof(*copy));
	atomic_thread_fence(memory_order_acquire);
	end = atomic_load(&recording->buckets_end);
	if (end > recording->size)
		end = recording->size;
	memcpy((char *)copy + copy->buckets, (const char *)recording + copy->buckets,
	       end - copy->buckets);
	return copy;
}

void copy_free(struct recording *copy)
{
	if (copy != NULL)
		pages_unmap(copy, copy->size);
}

static void subtract(_Atomic uint64_t *later, const _Atomic uint64_t *earlier)
{
	uint64_t now = atomic_load(later), then = atomic_load(earlier);

	// A profile that was started afresh begins at 0.
	atomic_store(later, now < then ? now : now - then);
}

void copy_subtract(struct recording *later, const struct recording *earlier,
		   const struct recording_profile *profile)
{
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	while ((bucket = recording_next(later, profile->kind, &cursor)) != NULL) {
		struct recording_bucket *mine =
			(struct recording_bucket *)(uintptr_t)bucket;
		const struct recording_bucket *before =
			recording_at(earlier, recording_id(later, bucket), profile->kind);

		for (int i = 0; before != NULL && i < 2; i++)
			subtract(&mine->events[i], &before->events[i]);
	}
	subtract(&later->states[profile->kind].lost,
		 &earlier->states[profile->kind].lost);
}
