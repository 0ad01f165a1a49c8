// A profile is the id of its name; its values are in a table like that of live blocks.
#include "recorder/custom.h"

#include "recorder/capture.h"
#include "recorder/live_table.h"
#include "recorder/state.h"
#include "recorder/thread.h"

// Opaque to the program: never more than the id of a text, as a pointer.
static uint32_t id_of(const struct goprof_profile *profile)
{
	return (uint32_t)(uintptr_t)profile;
}

struct goprof_profile *custom_find(struct str name)
{
	if (!state_begin())
		return NULL;
	return (struct goprof_profile *)(uintptr_t)recording_add_text(state_recording(),
								      name);
}

static uint64_t key_of(const struct goprof_profile *profile, const void *value)
{
	return (uint64_t)(uintptr_t)value ^ (uint64_t)id_of(profile) << 48;
}

static void count_removal(uint32_t id)
{
	const struct recording_bucket *bucket =
		recording_at(state_recording(), id, RECORDING_CUSTOM);

	if (bucket != NULL)
		capture_count((struct recording_bucket *)(uintptr_t)bucket, 1, 1);
}

bool custom_add(struct goprof_profile *profile, const void *value,
		const struct unwind_registers *caller)
{
	struct live_table *values = live_table_find(&recorder.custom_values);
	struct recording_bucket *bucket;
	bool is_added;

	if (values == NULL)
		return false;
	bucket = capture_stack(RECORDING_CUSTOM, id_of(profile), caller, 1);
	if (bucket == NULL)
		return false;
	custom_remove(profile, value);
	thread_state.is_inside = true;
	is_added = live_table_add(values, key_of(profile, value),
				  recording_id(state_recording(), bucket));
	thread_state.is_inside = false;
	if (is_added)
		capture_count(bucket, 0, 1);
	return is_added;
}

void custom_remove(struct goprof_profile *profile, const void *value)
{
	struct live_table *values = live_table_find(&recorder.custom_values);
	uint32_t bucket;

	if (values == NULL)
		return;
	thread_state.is_inside = true;
	bucket = live_table_remove(values, key_of(profile, value));
	thread_state.is_inside = false;
	if (bucket != 0)
		count_removal(bucket);
}
