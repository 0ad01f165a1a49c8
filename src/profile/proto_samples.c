// The part of decoding that takes the time: nearly all bytes of a profile are samples.
#include "profile/proto_samples.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "profile/tables.h"
#include "profile/varint_run.h"
#include "profile/wire.h"

// What an id, a value, a stack, a label and a list of labels take of a typical file, all
// else included. Tables that need not move keep their pages; what is never used of them
// is never real memory.
enum {
	ID_BYTES = 3,
	VALUE_BYTES = 24,
	STACK_BYTES = 96,
	LABEL_BYTES = 16,
	LABELS_BYTES = 512,
};

static void reserve_tables(struct proto_samples *samples, size_t input_size)
{
	struct profile *profile = samples->profile;
	size_t stack_count = input_size / STACK_BYTES + 1;

	tables_reserve_stacks(&profile->stacks, stack_count, input_size / ID_BYTES);
	tables_reserve_labels(&profile->label_sets, stack_count,
			      input_size / LABEL_BYTES);
	tables_reserve_sample_rows(profile, stack_count);
	fold_reserve(&samples->stack_rows, stack_count);
	fold_reserve(&samples->label_rows, input_size / LABELS_BYTES + 1);
}

void proto_samples_init(struct proto_samples *samples, struct profile *profile,
			size_t input_size)
{
	*samples = (struct proto_samples){ .profile = profile };
	varint_runs_init(&samples->runs);
	reserve_tables(samples, input_size);
	samples->values =
		table_reserve(samples->values, &samples->value_capacity,
			      input_size / VALUE_BYTES, sizeof(*samples->values));
	samples->ids =
		table_reserve(NULL, &samples->id_capacity, 1, sizeof(*samples->ids));
	samples->labels = table_reserve(NULL, &samples->label_capacity, 1,
					sizeof(*samples->labels));
}

void proto_samples_deinit(struct proto_samples *samples)
{
	proto_refs_deinit(&samples->refs);
	fold_deinit(&samples->stack_rows);
	fold_deinit(&samples->label_rows);
	free(samples->ids);
	free(samples->labels);
	free(samples->values);
	*samples = (struct proto_samples){ 0 };
}

static void add_id(struct proto_samples *samples, uint64_t id)
{
	uint32_t ref = proto_ref(&samples->refs, id);

	samples->ids = table_reserve(samples->ids, &samples->id_capacity,
				     samples->id_count + 1, sizeof(*samples->ids));
	samples->ids[samples->id_count++] = ref;
	samples->max_ref = ref > samples->max_ref ? ref : samples->max_ref;
}

static void add_ids_slowly(struct proto_samples *samples, struct reader *packed)
{
	while (reader_left(packed) > 0)
		add_id(samples, reader_uleb(packed));
}

static void add_ids(struct proto_samples *samples, struct reader *packed)
{
	struct varint_run run;
	uint32_t *refs;

	// A varint has at least one byte.
	samples->ids =
		table_reserve(samples->ids, &samples->id_capacity,
			      samples->id_count + reader_left(packed) + VARINT_RUN_SLACK,
			      sizeof(*samples->ids));
	refs = samples->ids + samples->id_count;
	if (!varint_runs_decode(&samples->runs, packed->p, packed->end, refs, &run) ||
	    run.min == 0) {
		add_ids_slowly(samples, packed);
		return;
	}
	// As proto_ref does it.
	for (size_t i = 0; i < run.count; i++)
		refs[i]--;
	samples->id_count += run.count;
	if (run.max - 1 > samples->max_ref)
		samples->max_ref = run.max - 1;
}

static void add_value(struct proto_samples *samples, uint64_t value)
{
	samples->values =
		table_reserve(samples->values, &samples->value_capacity,
			      samples->value_total + 1, sizeof(*samples->values));
	samples->values[samples->value_total++] = (int64_t)value;
}

static uint32_t string_index(struct proto_samples *samples, uint64_t index)
{
	if (index > samples->max_string)
		samples->max_string = index;
	return (uint32_t)index;
}

static void read_label(struct proto_samples *samples, struct reader *message)
{
	struct profile_label label = { 0 };
	uint64_t key = 0, string = 0, unit = 0;
	struct wire_field field;

	while (wire_next(message, &field)) {
		if (field.number == 1)
			key = wire_value(message, &field);
		else if (field.number == 2)
			string = wire_value(message, &field);
		else if (field.number == 3)
			label.number = (int64_t)wire_value(message, &field);
		else if (field.number == 4)
			unit = wire_value(message, &field);
	}
	label.key = string_index(samples, key);
	if (string != 0) {
		label.string = string_index(samples, string);
		label.number = 0;
	} else if (label.number != 0 || unit != 0) {
		label.unit = string_index(samples, unit);
	} else {
		// Neither text nor number: nothing is said about the sample.
		return;
	}
	samples->labels =
		table_reserve(samples->labels, &samples->label_capacity,
			      samples->label_count + 1, sizeof(*samples->labels));
	samples->labels[samples->label_count++] = label;
}

static void check_value_count(struct proto_samples *samples, size_t count)
{
	if (samples->profile->sample_count + samples->pending_count == 0)
		samples->value_count = count;
	if (count == samples->value_count || samples->has_odd)
		return;
	samples->has_odd = true;
	samples->odd_value_count = count;
}

static uint32_t fold_labels(struct proto_samples *samples,
			    const struct proto_pending *sample, size_t from)
{
	if (sample->label_end == from)
		return 0;
	return tables_fold_labels(&samples->profile->label_sets, &samples->label_rows,
				  sample->labels_hash, samples->labels + from,
				  sample->label_end - from);
}

static void flush(struct proto_samples *samples)
{
	struct profile *profile = samples->profile;
	size_t id_from = 0, label_from = 0;

	tables_reserve_sample_rows(profile, samples->pending_count);
	for (size_t i = 0; i < samples->pending_count; i++) {
		const struct proto_pending *sample = &samples->pending[i];
		size_t row = profile->sample_count++;

		profile->sample_stacks[row] =
			tables_fold_stack(&profile->stacks, &samples->stack_rows,
					  sample->stack_hash, samples->ids + id_from,
					  sample->id_end - id_from);
		profile->sample_labels[row] = fold_labels(samples, sample, label_from);
		id_from = sample->id_end;
		label_from = sample->label_end;
	}
	samples->pending_count = samples->id_count = samples->label_count = 0;
}

static void add_values(struct proto_samples *samples, struct reader *packed)
{
	while (reader_left(packed) > 0)
		add_value(samples, reader_uleb(packed));
}

// A field in any form that is allowed but that common writers do not use.
static void read_other_field(struct proto_samples *samples, struct reader *message)
{
	struct wire_field field;

	if (!wire_next(message, &field))
		return;
	if (field.number == 1 && field.type == WIRE_BYTES)
		add_ids_slowly(samples, &field.bytes);
	else if (field.number == 1)
		add_id(samples, wire_value(message, &field));
	else if (field.number == 2 && field.type == WIRE_BYTES)
		add_values(samples, &field.bytes);
	else if (field.number == 2)
		add_value(samples, wire_value(message, &field));
	else if (field.number == 3 && field.type == WIRE_BYTES)
		read_label(samples, &field.bytes);
	else if (field.number == 3)
		reader_fail(message);
	if (field.type == WIRE_BYTES && !reader_ok(&field.bytes))
		reader_fail(message);
}

static void read_fields(struct proto_samples *samples, struct reader *message)
{
	// A copy that lives in registers.
	struct reader r = *message;

	while (reader_left(&r) > 0) {
		struct reader bytes = { 0 };

		if (*r.p == (1 << 3 | WIRE_BYTES)) {
			r.p++;
			bytes = reader_sub(&r, reader_uleb(&r));
			add_ids(samples, &bytes);
		} else if (*r.p == (2 << 3 | WIRE_VARINT)) {
			r.p++;
			add_value(samples, reader_uleb(&r));
		} else if (*r.p == (3 << 3 | WIRE_BYTES)) {
			r.p++;
			bytes = reader_sub(&r, reader_uleb(&r));
			read_label(samples, &bytes);
		} else {
			read_other_field(samples, &r);
		}
		if (!reader_ok(&bytes))
			reader_fail(&r);
	}
	*message = r;
}

void proto_samples_read(struct proto_samples *samples, struct reader *message)
{
	size_t id_from = samples->id_count, label_from = samples->label_count;
	size_t value_from = samples->value_total;
	struct proto_pending *sample = &samples->pending[samples->pending_count];

	read_fields(samples, message);
	check_value_count(samples, samples->value_total - value_from);
	samples->pending_count++;
	sample->id_end = samples->id_count;
	sample->label_end = samples->label_count;
	sample->stack_hash =
		tables_hash_stack(samples->ids + id_from, samples->id_count - id_from);
	fold_prefetch(&samples->stack_rows, sample->stack_hash);
	sample->labels_hash = tables_hash_labels(samples->labels + label_from,
						 samples->label_count - label_from);
	fold_prefetch(&samples->label_rows, sample->labels_hash);
	if (samples->pending_count == PROTO_BATCH_SIZE)
		flush(samples);
}

bool proto_samples_finish(struct proto_samples *samples, struct error *err)
{
	struct profile *profile = samples->profile;

	flush(samples);
	fold_deinit(&samples->stack_rows);
	fold_deinit(&samples->label_rows);
	if (profile->sample_count == 0)
		return true;
	if (profile->type_count == 0)
		return error_set(err, ERROR_FORMAT,
				 "malformed profile: missing sample type information");
	if (samples->has_odd || samples->value_count != profile->type_count)
		return error_set(err, ERROR_FORMAT,
				 "malformed profile: mismatch: sample has %zu values vs. "
				 "%zu types",
				 samples->value_count != profile->type_count
					 ? samples->value_count
					 : samples->odd_value_count,
				 profile->type_count);
	profile->sample_values = samples->values;
	profile->sample_capacity = profile->sample_count;
	samples->values = NULL;
	return true;
}

bool proto_samples_resolve(struct proto_samples *samples, const struct proto_rows *rows,
			   struct error *err)
{
	struct profile_stacks *stacks = &samples->profile->stacks;

	if (rows->is_identity && (rows->count > samples->max_ref))
		return true;
	for (size_t i = 0; i < stacks->location_count; i++) {
		uint32_t ref = stacks->locations[i];

		stacks->locations[i] = proto_rows_find(rows, &samples->refs, ref);
		if (stacks->locations[i] == MAP_NONE)
			return error_set(err, ERROR_FORMAT,
					 "malformed profile: a sample refers to location "
					 "%" PRIu64 ", which the profile does not have",
					 proto_refs_id(&samples->refs, ref));
	}
	return true;
}

void proto_samples_translate(struct proto_samples *samples, const uint32_t *string_ids)
{
	struct profile *profile = samples->profile;
	struct profile_label_sets old = profile->label_sets;
	struct fold rows = { 0 };
	uint32_t *new_rows = NULL;
	size_t capacity = 0;

	for (size_t i = 0; i < old.label_count; i++) {
		struct profile_label *label = &old.labels[i];

		label->key = string_ids[label->key];
		label->string = string_ids[label->string];
		label->unit = string_ids[label->unit];
	}
	profile->label_sets = (struct profile_label_sets){ 0 };
	new_rows = table_reserve(NULL, &capacity, old.count, sizeof(*new_rows));
	for (size_t i = 0; i < old.count; i++) {
		const struct profile_label *labels = old.labels + old.offsets[i];
		size_t count = old.offsets[i + 1] - old.offsets[i];

		new_rows[i] = tables_fold_labels(&profile->label_sets, &rows,
						 tables_hash_labels(labels, count),
						 labels, count);
	}
	for (size_t i = 0; i < profile->sample_count; i++)
		profile->sample_labels[i] = new_rows[profile->sample_labels[i]];
	fold_deinit(&rows);
	free(new_rows);
	free(old.labels);
	free(old.offsets);
}
