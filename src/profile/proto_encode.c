// The model to profile.proto: tables in the order of rows, strings in the order of first
// use, so equal profiles become equal bytes.
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/gzip.h"
#include "base/inflate.h"
#include "base/pieces.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "profile/proto_strings.h"
#include "profile/wire.h"
#include "profile/wire_put.h"

enum {
	PACKED_MIN = 3, // fewer are shorter one by one
	PIECE_ROWS = 4096,
	LARGE = 20000, // samples: beyond, time is worth more than the last tenth of size
};

// The id of a location as it is written.
struct id_bytes {
	char bytes[15];
	uint8_t length;
};

// What is shared by all threads that write.
struct encoder {
	const struct profile *profile;
	const struct id_bytes *ids; // by location
	const uint32_t *indices;    // string id -> index in the file's string table
	const uint32_t *written;    // string ids by index in the file
};

// Messages are built in `message` (and what is inside them in `nested`) because their
// length stands before them.
struct output {
	const struct encoder *encoder;
	const struct profile *profile;
	struct writer *out;
	struct writer message, nested;
};

static uint64_t string_index(const struct output *o, uint32_t id)
{
	return o->encoder->indices[id];
}

static void put_type(struct output *o, size_t row)
{
	struct profile_value_type type = o->profile->types[row];

	wire_put_optional(&o->message, 1, string_index(o, type.type));
	wire_put_optional(&o->message, 2, string_index(o, type.unit));
	wire_put_message(o->out, 1, &o->message);
}

static void put_id(struct writer *w, const struct id_bytes *id)
{
	char *room = writer_room(w, sizeof(id->bytes));

	if (room == NULL) {
		writer_bytes(w, id->bytes, id->length);
		return;
	}
	// Of fixed size, which is one instruction; what is too much is written over.
	memcpy(room, id->bytes, sizeof(id->bytes));
	writer_advance(w, room + id->length);
}

static void put_stack(struct output *o, struct profile_stack_view stack)
{
	const struct id_bytes *ids = o->encoder->ids;
	size_t size = 0;

	for (size_t i = 0; stack.count < PACKED_MIN && i < stack.count; i++) {
		wire_put_varint(&o->message, 1 << 3 | WIRE_VARINT);
		put_id(&o->message, &ids[stack.locations[i]]);
	}
	if (stack.count < PACKED_MIN)
		return;
	for (size_t i = 0; i < stack.count; i++)
		size += ids[stack.locations[i]].length;
	wire_put_varint(&o->message, 1 << 3 | WIRE_BYTES);
	wire_put_varint(&o->message, size);
	for (size_t i = 0; i < stack.count; i++)
		put_id(&o->message, &ids[stack.locations[i]]);
}

static void put_values(struct output *o, const int64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (count < PACKED_MIN)
			wire_put_value(&o->message, 2, (uint64_t)values[i]);
		else
			wire_put_varint(&o->nested, (uint64_t)values[i]);
	}
	if (count >= PACKED_MIN)
		wire_put_message(&o->message, 2, &o->nested);
}

static void put_sample(struct output *o, size_t row)
{
	const struct profile *profile = o->profile;
	struct profile_labels_view set =
		profile_labels(profile, profile->sample_labels[row]);

	put_stack(o, profile_stack(profile, profile->sample_stacks[row]));
	put_values(o, profile_values(profile, row), profile->type_count);
	for (size_t i = 0; i < set.count; i++) {
		const struct profile_label *label = &set.labels[i];

		wire_put_optional(&o->nested, 1, string_index(o, label->key));
		wire_put_optional(&o->nested, 2, string_index(o, label->string));
		wire_put_optional(&o->nested, 3, (uint64_t)label->number);
		wire_put_optional(&o->nested, 4, string_index(o, label->unit));
		wire_put_message(&o->message, 3, &o->nested);
	}
	wire_put_message(o->out, 2, &o->message);
}

static void put_mapping(struct output *o, size_t row)
{
	const struct profile_mapping *mapping = &o->profile->mappings[row];
	struct writer *w = &o->message;

	wire_put_optional(w, 1, mapping->id);
	wire_put_optional(w, 2, mapping->start);
	wire_put_optional(w, 3, mapping->limit);
	wire_put_optional(w, 4, mapping->offset);
	wire_put_optional(w, 5, string_index(o, mapping->file));
	wire_put_optional(w, 6, string_index(o, mapping->build_id));
	wire_put_optional(w, 7, mapping->has_functions);
	wire_put_optional(w, 8, mapping->has_filenames);
	wire_put_optional(w, 9, mapping->has_line_numbers);
	wire_put_optional(w, 10, mapping->has_inline_frames);
	wire_put_message(o->out, 3, w);
}

static void put_location(struct output *o, size_t row)
{
	const struct profile *profile = o->profile;
	const struct profile_location *location = &profile->locations[row];
	struct writer *w = &o->message;

	wire_put_optional(w, 1, location->id);
	if (location->mapping != PROFILE_NONE)
		wire_put_optional(w, 2, profile->mappings[location->mapping].id);
	wire_put_optional(w, 3, location->address);
	for (size_t i = 0; i < location->line_count; i++) {
		const struct profile_line *line =
			&profile->lines[location->first_line + i];

		if (line->function != PROFILE_NONE)
			wire_put_optional(&o->nested, 1,
					  profile->functions[line->function].id);
		wire_put_optional(&o->nested, 2, (uint64_t)line->line);
		wire_put_optional(&o->nested, 3, (uint64_t)line->column);
		wire_put_message(w, 4, &o->nested);
	}
	wire_put_optional(w, 5, location->is_folded);
	wire_put_message(o->out, 4, w);
}

static void put_function(struct output *o, size_t row)
{
	const struct profile_function *function = &o->profile->functions[row];
	struct writer *w = &o->message;

	wire_put_optional(w, 1, function->id);
	wire_put_optional(w, 2, string_index(o, function->name));
	wire_put_optional(w, 3, string_index(o, function->system_name));
	wire_put_optional(w, 4, string_index(o, function->filename));
	wire_put_optional(w, 5, (uint64_t)function->start_line);
	wire_put_message(o->out, 5, w);
}

static void put_comments(struct output *o)
{
	const struct profile *profile = o->profile;

	for (size_t i = 0; i < profile->comment_count; i++) {
		uint64_t index = string_index(o, profile->comments[i]);

		if (profile->comment_count < PACKED_MIN)
			wire_put_value(&o->message, 13, index);
		else
			wire_put_varint(&o->nested, index);
	}
	if (profile->comment_count >= PACKED_MIN)
		wire_put_message(&o->message, 13, &o->nested);
}

// The fields of the profile itself, but the string table. There is one row.
static void put_head(struct output *o, size_t row)
{
	const struct profile *profile = o->profile;
	struct profile_value_type period = profile->period_type;
	struct writer *w = &o->message;

	(void)row;
	wire_put_optional(w, 7, string_index(o, profile->drop_frames));
	wire_put_optional(w, 8, string_index(o, profile->keep_frames));
	wire_put_optional(w, 9, (uint64_t)profile->time_ns);
	wire_put_optional(w, 10, (uint64_t)profile->duration_ns);
	if (period.type != 0 || period.unit != 0) {
		wire_put_optional(&o->nested, 1, string_index(o, period.type));
		wire_put_optional(&o->nested, 2, string_index(o, period.unit));
		wire_put_message(w, 11, &o->nested);
	}
	wire_put_optional(w, 12, (uint64_t)profile->period);
	put_comments(o);
	wire_put_optional(w, 14, string_index(o, profile->default_type));
	wire_put_optional(w, 15, string_index(o, profile->doc_url));
	writer_str(o->out, writer_contents(w));
	w->used = 0;
}

static void put_string(struct output *o, size_t row)
{
	wire_put_bytes(o->out, 6, profile_string(o->profile, o->encoder->written[row]));
}

// The rows of a file, one kind after the other.
struct section {
	size_t row_count;
	void (*put)(struct output *o, size_t row);
};

enum { SECTIONS = 7 };

struct file_rows {
	struct encoder encoder;
	struct section sections[SECTIONS];
};

static void print_rows(const void *context, size_t from, size_t to, struct writer *w)
{
	const struct file_rows *file = context;
	struct output o = {
		.encoder = &file->encoder,
		.profile = file->encoder.profile,
		.out = w,
		.message = writer_to_memory(),
		.nested = writer_to_memory(),
	};
	size_t first = 0; // row of the section

	for (size_t i = 0; i < SECTIONS; i++) {
		const struct section *section = &file->sections[i];
		size_t end = first + section->row_count;

		for (; from < to && from < end; from++)
			section->put(&o, from - first);
		first = end;
	}
	writer_deinit(&o.message);
	writer_deinit(&o.nested);
}

static struct id_bytes *make_ids(const struct profile *profile)
{
	struct id_bytes *ids = table_zeroed(profile->location_count + 1, sizeof(*ids));
	struct writer bytes = writer_to_memory();

	for (size_t i = 0; i < profile->location_count; i++) {
		bytes.used = 0;
		wire_put_varint(&bytes, profile->locations[i].id);
		memcpy(ids[i].bytes, bytes.buffer, bytes.used);
		ids[i].length = (uint8_t)bytes.used;
	}
	writer_deinit(&bytes);
	return ids;
}

static void encode(const struct profile *profile, struct writer *w,
		   void (*write)(const struct pieces *pieces, struct writer *w))
{
	struct id_bytes *ids = make_ids(profile);
	struct proto_strings strings;
	struct file_rows file;
	struct pieces pieces = {
		.piece_rows = PIECE_ROWS,
		.print = print_rows,
		.context = &file,
	};

	proto_strings_init(&strings, profile);
	file = (struct file_rows){
		.encoder = { profile, ids, strings.indices, strings.written },
		.sections = {
			{ profile->type_count, put_type },
			{ profile->sample_count, put_sample },
			{ profile->mapping_count, put_mapping },
			{ profile->location_count, put_location },
			{ profile->function_count, put_function },
			{ strings.count, put_string },
			{ 1, put_head },
		},
	};
	for (size_t i = 0; i < SECTIONS; i++)
		pieces.row_count += file.sections[i].row_count;
	write(&pieces, w);
	proto_strings_deinit(&strings);
	free(ids);
}

void proto_encode(const struct profile *profile, struct writer *w)
{
	encode(profile, w, pieces_write);
}

static void encode_small(const struct profile *profile, struct writer *w)
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

void proto_encode_gzip(const struct profile *profile, struct writer *w)
{
	if (profile->sample_count < LARGE)
		encode_small(profile, w);
	else
		encode(profile, w, gzip_write);
}
