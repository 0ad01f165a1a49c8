// By way of the recording in the trace, as every other profile of libgoprof.
#include "source/trace_stacks.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/pages.h"
#include "base/writer.h"
#include "binary/symbolize.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "profile/quality.h"
#include "profile/recording.h"
#include "profile/recording_encode.h"
#include "profile/recording_kinds.h"
#include "profile/trace_ledger.h"
#include "profile/trace_read.h"

static void id_value(const struct recording_bucket *bucket, uint64_t period,
		     int64_t *values)
{
	(void)period;
	values[0] = (int64_t)bucket->events[0];
}

static const struct recording_profile stacks_row = {
	.name = "alloctrace",
	.kind = RECORDING_TRACE,
	.types = { { "stack", "id" } },
	.type_count = 1,
	.period_type = { "stack", "id" },
	.default_type = "stack",
	.values = id_value,
};

static bool make_profile(const struct recording *recording,
			 const struct recording_profile *row, uint64_t now_ns,
			 struct profile **out, struct error *err)
{
	struct recording_encode_options options = { .profile = row, .now_ns = now_ns };
	struct symbolize_options names = { .no_kernel = true };
	struct arena arena = { 0 };
	struct writer plain = writer_to_memory();
	bool is_made = recording_encode(recording, &options, &plain)
			       ? proto_decode(writer_contents(&plain), out, err)
			       : error_set(err, ERROR_SYSTEM, "no memory for the stacks");

	writer_deinit(&plain);
	if (is_made) {
		symbolize_profile(*out, &names, &arena);
		profile_quality_parse(*out);
		profile_quality_count_frames(*out);
	}
	arena_deinit(&arena);
	return is_made;
}

bool trace_stacks_open(const struct trace_reader *reader, struct trace_stacks *out,
		       struct error *err)
{
	struct recording *recording = trace_reader_recording(reader, err);
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;
	bool is_made;

	if (recording == NULL)
		return false;
	while ((bucket = recording_next(recording, RECORDING_TRACE, &cursor)) != NULL)
		((struct recording_bucket *)(uintptr_t)bucket)->events[0] =
			recording_id(recording, bucket);
	*out = (struct trace_stacks){ 0 };
	is_made = make_profile(recording, &stacks_row, 0, &out->profile, err);
	pages_unmap(recording, reader->head.recording_size);
	for (size_t i = 0; is_made && i < out->profile->sample_count; i++)
		*map_put(&out->sample_of, (uint64_t)profile_values(out->profile, i)[0]) =
			(uint32_t)i;
	return is_made;
}

void trace_stacks_close(struct trace_stacks *stacks)
{
	map_deinit(&stacks->sample_of);
	profile_destroy(stacks->profile);
}

struct profile_stack_view trace_stacks_find(const struct trace_stacks *stacks,
					    uint32_t id)
{
	uint32_t row = map_get(&stacks->sample_of, id);

	if (row == MAP_NONE)
		return (struct profile_stack_view){ NULL, 0 };
	return profile_stack(stacks->profile, stacks->profile->sample_stacks[row]);
}

static bool add_site(struct recording *recording, const struct trace_site *site)
{
	const struct recording_bucket *stack =
		recording_at(recording, site->stack, RECORDING_TRACE);
	struct recording_key key = { .kind = RECORDING_HEAP, .size = site->size };
	struct recording_bucket *bucket;

	if (stack == NULL)
		return true;
	key.labels = stack->labels;
	key.epoch = stack->epoch;
	key.is_truncated = stack->is_truncated;
	key.words = stack->words;
	key.count = stack->count;
	bucket = recording_add(recording, &key);
	if (bucket == NULL)
		return false;
	bucket->events[0] += site->allocated;
	bucket->events[1] += site->freed;
	return true;
}

bool trace_stacks_heap(const struct trace_reader *reader,
		       const struct trace_ledger *ledger, struct profile **out,
		       struct error *err)
{
	struct recording *recording = trace_reader_recording(reader, err);
	const struct trace_head *head = &reader->head;
	uint64_t ended_ns = head->ended_ns, lost = head->lost;
	struct recording_state *state;
	bool is_made;

	if (recording == NULL)
		return false;
	// A profile that the program itself took stands in the way.
	recording->newest[RECORDING_HEAP] = 0;
	state = &recording->states[RECORDING_HEAP];
	state->period = 1;
	state->started_ns = head->started_ns;
	for (size_t i = 0; i < ledger->site_count; i++)
		lost += add_site(recording, &ledger->sites[i])
				? 0
				: ledger->sites[i].allocated;
	state->lost = lost;
	if (ended_ns > head->clock_ns)
		ended_ns = head->started_ns + (ended_ns - head->clock_ns);
	else
		ended_ns = head->started_ns;
	is_made = make_profile(recording, recording_find_profile(STR("heap")), ended_ns,
			       out, err);
	pages_unmap(recording, head->recording_size);
	return is_made;
}
