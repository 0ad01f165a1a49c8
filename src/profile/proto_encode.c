// The model to profile.proto: tables in the order of rows, strings in the order of first
// use, so equal profiles become equal bytes.
#include <stdlib.h>
#include <string.h>

#include "base/inflate.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "profile/wire_put.h"

enum {
	PACKED_MIN = 3, // fewer are shorter one by one
	NOT_WRITTEN = UINT32_MAX,
};

// Messages are built in `message` (and what is inside them in `nested`) because their
// length stands before them.
struct encoder {
	const struct profile *profile;
	struct writer *out;
	struct writer message, nested;
	uint32_t *indices; // string id -> index in the file's string table
	uint32_t *written; // string ids by index in the file
	size_t written_count;
};

static uint64_t string_index(struct encoder *e, uint32_t id)
{
	if (e->indices[id] == NOT_WRITTEN) {
		e->indices[id] = (uint32_t)e->written_count;
		e->written[e->written_count++] = id;
	}
	return e->indices[id];
}

static void put_value_type(struct encoder *e, unsigned number,
			   struct profile_value_type type)
{
	wire_put_optional(&e->message, 1, string_index(e, type.type));
	wire_put_optional(&e->message, 2, string_index(e, type.unit));
	wire_put_message(e->out, number, &e->message);
}

static void put_stack(struct encoder *e, struct profile_stack_view stack)
{
	const struct profile_location *locations = e->profile->locations;

	for (size_t i = 0; i < stack.count; i++) {
		uint64_t id = locations[stack.locations[i]].id;

		if (stack.count < PACKED_MIN)
			wire_put_value(&e->message, 1, id);
		else
			wire_put_varint(&e->nested, id);
	}
	if (stack.count >= PACKED_MIN)
		wire_put_message(&e->message, 1, &e->nested);
}

static void put_values(struct encoder *e, const int64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (count < PACKED_MIN)
			wire_put_value(&e->message, 2, (uint64_t)values[i]);
		else
			wire_put_varint(&e->nested, (uint64_t)values[i]);
	}
	if (count >= PACKED_MIN)
		wire_put_message(&e->message, 2, &e->nested);
}

static void put_sample(struct encoder *e, size_t row)
{
	const struct profile *profile = e->profile;
	struct profile_labels_view set =
		profile_labels(profile, profile->sample_labels[row]);

	put_stack(e, profile_stack(profile, profile->sample_stacks[row]));
	put_values(e, profile_values(profile, row), profile->type_count);
	for (size_t i = 0; i < set.count; i++) {
		const struct profile_label *label = &set.labels[i];

		wire_put_optional(&e->nested, 1, string_index(e, label->key));
		wire_put_optional(&e->nested, 2, string_index(e, label->string));
		wire_put_optional(&e->nested, 3, (uint64_t)label->number);
		wire_put_optional(&e->nested, 4, string_index(e, label->unit));
		wire_put_message(&e->message, 3, &e->nested);
	}
	wire_put_message(e->out, 2, &e->message);
}

static void put_mapping(struct encoder *e, const struct profile_mapping *mapping)
{
	struct writer *w = &e->message;

	wire_put_optional(w, 1, mapping->id);
	wire_put_optional(w, 2, mapping->start);
	wire_put_optional(w, 3, mapping->limit);
	wire_put_optional(w, 4, mapping->offset);
	wire_put_optional(w, 5, string_index(e, mapping->file));
	wire_put_optional(w, 6, string_index(e, mapping->build_id));
	wire_put_optional(w, 7, mapping->has_functions);
	wire_put_optional(w, 8, mapping->has_filenames);
	wire_put_optional(w, 9, mapping->has_line_numbers);
	wire_put_optional(w, 10, mapping->has_inline_frames);
	wire_put_message(e->out, 3, w);
}

static void put_location(struct encoder *e, const struct profile_location *location)
{
	const struct profile *profile = e->profile;
	struct writer *w = &e->message;

	wire_put_optional(w, 1, location->id);
	if (location->mapping != PROFILE_NONE)
		wire_put_optional(w, 2, profile->mappings[location->mapping].id);
	wire_put_optional(w, 3, location->address);
	for (size_t i = 0; i < location->line_count; i++) {
		const struct profile_line *line =
			&profile->lines[location->first_line + i];

		if (line->function != PROFILE_NONE)
			wire_put_optional(&e->nested, 1,
					  profile->functions[line->function].id);
		wire_put_optional(&e->nested, 2, (uint64_t)line->line);
		wire_put_optional(&e->nested, 3, (uint64_t)line->column);
		wire_put_message(w, 4, &e->nested);
	}
	wire_put_optional(w, 5, location->is_folded);
	wire_put_message(e->out, 4, w);
}

static void put_function(struct encoder *e, const struct profile_function *function)
{
	struct writer *w = &e->message;

	wire_put_optional(w, 1, function->id);
	wire_put_optional(w, 2, string_index(e, function->name));
	wire_put_optional(w, 3, string_index(e, function->system_name));
	wire_put_optional(w, 4, string_index(e, function->filename));
	wire_put_optional(w, 5, (uint64_t)function->start_line);
	wire_put_message(e->out, 5, w);
}

static void put_tables(struct encoder *e)
{
	const struct profile *profile = e->profile;

	for (size_t i = 0; i < profile->type_count; i++)
		put_value_type(e, 1, profile->types[i]);
	for (size_t i = 0; i < profile->sample_count; i++)
		put_sample(e, i);
	for (size_t i = 0; i < profile->mapping_count; i++)
		put_mapping(e, &profile->mappings[i]);
	for (size_t i = 0; i < profile->location_count; i++)
		put_location(e, &profile->locations[i]);
	for (size_t i = 0; i < profile->function_count; i++)
		put_function(e, &profile->functions[i]);
}

static void put_comments(struct encoder *e)
{
	const struct profile *profile = e->profile;

	for (size_t i = 0; i < profile->comment_count; i++) {
		uint64_t index = string_index(e, profile->comments[i]);

		if (profile->comment_count < PACKED_MIN)
			wire_put_value(&e->message, 13, index);
		else
			wire_put_varint(&e->nested, index);
	}
	if (profile->comment_count >= PACKED_MIN)
		wire_put_message(&e->message, 13, &e->nested);
}

// What may name strings is built before the string table and written behind it.
static void put_head(struct encoder *e)
{
	const struct profile *profile = e->profile;
	struct profile_value_type period = profile->period_type;
	struct writer *w = &e->message;

	wire_put_optional(w, 7, string_index(e, profile->drop_frames));
	wire_put_optional(w, 8, string_index(e, profile->keep_frames));
	wire_put_optional(w, 9, (uint64_t)profile->time_ns);
	wire_put_optional(w, 10, (uint64_t)profile->duration_ns);
	if (period.type != 0 || period.unit != 0) {
		wire_put_optional(&e->nested, 1, string_index(e, period.type));
		wire_put_optional(&e->nested, 2, string_index(e, period.unit));
		wire_put_message(w, 11, &e->nested);
	}
	wire_put_optional(w, 12, (uint64_t)profile->period);
	put_comments(e);
	wire_put_optional(w, 14, string_index(e, profile->default_type));
	wire_put_optional(w, 15, string_index(e, profile->doc_url));
	for (size_t i = 0; i < e->written_count; i++)
		wire_put_bytes(e->out, 6, profile_string(profile, e->written[i]));
	writer_str(e->out, writer_contents(w));
}

void proto_encode(const struct profile *profile, struct writer *w)
{
	size_t string_count = profile->strings.count;
	size_t index_capacity = 0, written_capacity = 0;
	struct encoder e = {
		.profile = profile,
		.out = w,
		.message = writer_to_memory(),
		.nested = writer_to_memory(),
		.indices = table_reserve(NULL, &index_capacity, string_count,
					 sizeof(uint32_t)),
		.written = table_reserve(NULL, &written_capacity, string_count,
					 sizeof(uint32_t)),
	};

	memset(e.indices, 0xff, string_count * sizeof(*e.indices));
	string_index(&e, 0);
	put_tables(&e);
	put_head(&e);
	writer_deinit(&e.message);
	writer_deinit(&e.nested);
	free(e.indices);
	free(e.written);
}

void proto_encode_gzip(const struct profile *profile, struct writer *w)
{
	enum { LEVEL = 6 };
	struct writer plain = writer_to_memory();
	uint8_t *block;
	size_t size;

	proto_encode(profile, &plain);
	inflate_make_gzip(writer_contents(&plain), LEVEL, &block, &size);
	writer_bytes(w, block, size);
	free(block);
	writer_deinit(&plain);
}
