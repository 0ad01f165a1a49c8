// Walks the buckets once, writing samples, then what the samples name.
#include "profile/recording_encode.h"

#include <inttypes.h>

#include "base/writer.h"
#include "profile/recording_kinds.h"
#include "profile/recording_names.h"
#include "profile/wire_put.h"

struct encoder {
	const struct recording *recording;
	const struct recording_encode_options *options;
	struct recording_names names;
	struct writer *out;
	struct writer message, nested, quality;
	uint64_t period;
	uint64_t events, truncated;
	uint64_t words; // of the stacks written
};

static uint64_t load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void put_value_type(struct encoder *e, unsigned number,
			   struct recording_value_type type)
{
	wire_put_optional(&e->message, 1,
			  recording_names_string(&e->names, str_from(type.type)));
	wire_put_optional(&e->message, 2,
			  recording_names_string(&e->names, str_from(type.unit)));
	wire_put_message(e->out, number, &e->message);
}

static void put_labels(struct encoder *e, uint32_t id)
{
	const struct recording_bucket *set =
		recording_at(e->recording, id, RECORDING_LABELS);

	for (size_t i = 0; set != NULL && i + 1 < set->count; i += 2) {
		struct str key = recording_text(e->recording, (uint32_t)set->words[i]);
		struct str value =
			recording_text(e->recording, (uint32_t)set->words[i + 1]);

		wire_put_optional(&e->nested, 1, recording_names_string(&e->names, key));
		wire_put_optional(&e->nested, 2,
				  recording_names_string(&e->names, value));
		wire_put_message(&e->message, 3, &e->nested);
	}
}

static void put_size_label(struct encoder *e, struct recording_value_type label,
			   uint64_t size)
{
	wire_put_optional(&e->nested, 1,
			  recording_names_string(&e->names, str_from(label.type)));
	wire_put_optional(&e->nested, 3, size);
	wire_put_optional(&e->nested, 4,
			  recording_names_string(&e->names, str_from(label.unit)));
	wire_put_message(&e->message, 3, &e->nested);
}

static bool is_nothing(const int64_t *values, unsigned count)
{
	int64_t all = 0;

	for (unsigned i = 0; i < count; i++)
		all |= values[i];
	return all == 0;
}

static void put_sample(struct encoder *e, const struct recording_bucket *bucket)
{
	const struct recording_profile *profile = e->options->profile;
	int64_t values[RECORDING_VALUES_MAX] = { 0 };

	profile->values(bucket, e->period, values);
	if (is_nothing(values, profile->type_count))
		return;
	for (size_t i = 0; i < bucket->count; i++)
		wire_put_varint(&e->nested,
				recording_names_location(&e->names, bucket->words[i],
							 bucket->epoch));
	wire_put_message(&e->message, 1, &e->nested);
	for (unsigned i = 0; i < profile->type_count; i++)
		wire_put_varint(&e->nested, (uint64_t)values[i]);
	wire_put_message(&e->message, 2, &e->nested);
	put_labels(e, bucket->labels);
	if (profile->size_label.type != NULL && bucket->size != 0)
		put_size_label(e, profile->size_label, bucket->size);
	wire_put_message(e->out, 2, &e->message);
}

static bool is_asked_for(const struct encoder *e, const struct recording_bucket *bucket)
{
	return bucket->kind != RECORDING_CUSTOM ||
	       (bucket->size <= UINT32_MAX &&
		str_equal(recording_text(e->recording, (uint32_t)bucket->size),
			  e->options->name));
}

static void put_samples(struct encoder *e)
{
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	while ((bucket = recording_next(e->recording, e->options->profile->kind,
					&cursor)) != NULL) {
		// No more than fit into it: a damaged recording may go in circles.
		e->words += bucket->count;
		if (e->words > e->recording->size / sizeof(uint64_t))
			break;
		if (!is_asked_for(e, bucket))
			continue;
		put_sample(e, bucket);
		e->events += load(&bucket->events[0]);
		if (bucket->is_truncated)
			e->truncated += load(&bucket->events[0]);
	}
}

static void put_mappings(struct encoder *e)
{
	for (size_t i = 0; i < e->names.module_count; i++) {
		const struct recording_module *module = e->names.modules[i].module;
		struct str path = recording_text(e->recording, module->path);
		struct str build_id = recording_text(e->recording, module->build_id);

		wire_put_optional(&e->message, 1, i + 1);
		wire_put_optional(&e->message, 2, module->start);
		wire_put_optional(&e->message, 3, module->limit);
		wire_put_optional(&e->message, 4, module->offset);
		wire_put_optional(&e->message, 5,
				  recording_names_string(&e->names, path));
		wire_put_optional(&e->message, 6,
				  recording_names_string(&e->names, build_id));
		wire_put_message(e->out, 3, &e->message);
	}
}

static void put_locations(struct encoder *e)
{
	for (size_t i = 0; i < e->names.location_count; i++) {
		const struct recording_location *location = &e->names.locations[i];

		wire_put_optional(&e->message, 1, i + 1);
		wire_put_optional(&e->message, 2,
				  recording_names_mapping(&e->names, location));
		wire_put_optional(&e->message, 3, location->address);
		wire_put_message(e->out, 4, &e->message);
	}
}

// In the words of profile/quality.h.
static void put_comments(struct encoder *e)
{
	const struct recording_state *state =
		&e->recording->states[e->options->profile->kind];
	struct writer *text = &e->quality;

	writer_format(text, "goprof: %" PRIu64 " samples", e->events);
	if (e->options->profile->is_frequency)
		writer_format(text, " at %" PRIu64 " Hz", e->period);
	writer_format(text, ", %" PRIu64 " lost, %" PRIu64 " stacks truncated",
		      load(&state->lost) + e->options->missing, e->truncated);
	wire_put_value(&e->nested, 13,
		       recording_names_string(&e->names, writer_contents(text)));
	if (e->options->comment != NULL)
		wire_put_value(&e->nested, 13,
			       recording_names_string(&e->names,
						      str_from(e->options->comment)));
}

static uint64_t period_of(const struct encoder *e)
{
	enum { NS_A_SECOND = 1000000000 };

	if (e->options->profile->is_frequency)
		return e->period == 0 ? 0 : NS_A_SECOND / e->period;
	return e->period == 0 ? 1 : e->period;
}

// Behind everything that may add a string.
static void put_foot(struct encoder *e)
{
	const struct recording_profile *profile = e->options->profile;
	const struct recording_state *state = &e->recording->states[profile->kind];
	uint64_t started = load(&state->started_ns), stopped = load(&state->stopped_ns);
	struct str default_type = str_from(profile->default_type);

	if (stopped == 0)
		stopped = e->options->now_ns;
	put_value_type(e, 11, profile->period_type);
	put_comments(e);
	wire_put_optional(&e->nested, 14,
			  recording_names_string(&e->names, default_type));
	recording_names_put_strings(&e->names, e->out);
	wire_put_optional(e->out, 9, started);
	wire_put_optional(e->out, 10,
			  started != 0 && stopped > started ? stopped - started : 0);
	wire_put_optional(e->out, 12, period_of(e));
	writer_str(e->out, writer_contents(&e->nested));
}

bool recording_encode(const struct recording *recording,
		      const struct recording_encode_options *options, struct writer *w)
{
	struct encoder e = { .recording = recording,
			     .options = options,
			     .out = w,
			     .message = writer_to_pages(),
			     .nested = writer_to_pages(),
			     .quality = writer_to_pages() };
	const struct recording_profile *profile = options->profile;
	bool is_complete;

	e.period = load(&recording->states[profile->kind].period);
	recording_names_init(&e.names, recording);
	recording_names_string(&e.names, STR(""));
	for (unsigned i = 0; i < profile->type_count; i++)
		put_value_type(&e, 1, profile->types[i]);
	put_samples(&e);
	put_mappings(&e);
	put_locations(&e);
	put_foot(&e);
	is_complete = !e.names.is_out_of_memory && e.message.errnum == 0 &&
		      e.nested.errnum == 0;
	recording_names_deinit(&e.names);
	writer_deinit(&e.message);
	writer_deinit(&e.nested);
	writer_deinit(&e.quality);
	return is_complete;
}
