// profile.proto to the model in one pass: messages may come in any order, so string
// indices and ids are translated when all have been seen.
#include <stdlib.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/inflate.h"
#include "base/inflate_ahead.h"
#include "profile/proto.h"
#include "profile/proto_resolve.h"
#include "profile/quality.h"
#include "profile/tables.h"
#include "profile/wire.h"

// Protobuf messages end at 2 GiB; so does what numbers of 32 bits are sure to count.
static const size_t SIZE_LIMIT = (size_t)2 << 30;

enum { RELEASE_SIZE = 2 << 20 };

static uint32_t string_index(struct proto_decoder *d, struct reader *r,
			     const struct wire_field *field)
{
	uint64_t index = wire_value(r, field);

	if (index > d->max_string)
		d->max_string = index;
	return (uint32_t)index;
}

static struct profile_value_type read_value_type(struct proto_decoder *d,
						 struct reader *r)
{
	struct profile_value_type type = { 0, 0 };
	struct wire_field field;

	while (wire_next(r, &field)) {
		if (field.number == 1)
			type.type = string_index(d, r, &field);
		else if (field.number == 2)
			type.unit = string_index(d, r, &field);
	}
	return type;
}

static void read_sample_type(struct proto_decoder *d, struct reader *r)
{
	struct profile *profile = d->profile;
	struct profile_value_type type = read_value_type(d, r);
	size_t capacity = profile->type_count;

	profile->types = table_reserve(profile->types, &capacity, profile->type_count + 1,
				       sizeof(*profile->types));
	profile->types[profile->type_count++] = type;
}

static void read_mapping(struct proto_decoder *d, struct reader *r)
{
	struct profile_mapping mapping = { 0 };
	struct wire_field field;

	while (wire_next(r, &field)) {
		if (field.number == 1)
			mapping.id = wire_value(r, &field);
		else if (field.number == 2)
			mapping.start = wire_value(r, &field);
		else if (field.number == 3)
			mapping.limit = wire_value(r, &field);
		else if (field.number == 4)
			mapping.offset = wire_value(r, &field);
		else if (field.number == 5)
			mapping.file = string_index(d, r, &field);
		else if (field.number == 6)
			mapping.build_id = string_index(d, r, &field);
		else if (field.number == 7)
			mapping.has_functions = wire_value(r, &field) != 0;
		else if (field.number == 8)
			mapping.has_filenames = wire_value(r, &field) != 0;
		else if (field.number == 9)
			mapping.has_line_numbers = wire_value(r, &field) != 0;
		else if (field.number == 10)
			mapping.has_inline_frames = wire_value(r, &field) != 0;
	}
	tables_reserve_mappings(d->profile, 1);
	d->profile->mappings[d->profile->mapping_count++] = mapping;
}

static void read_line(struct proto_decoder *d, struct reader *r)
{
	struct profile_line line = { 0 };
	uint64_t function_id = 0;
	struct wire_field field;

	while (wire_next(r, &field)) {
		if (field.number == 1)
			function_id = wire_value(r, &field);
		else if (field.number == 2)
			line.line = (int64_t)wire_value(r, &field);
		else if (field.number == 3)
			line.column = (int64_t)wire_value(r, &field);
	}
	line.function = proto_ref(&d->function_refs, function_id);
	tables_reserve_lines(d->profile, 1);
	d->profile->lines[d->profile->line_count++] = line;
}

static void read_location(struct proto_decoder *d, struct reader *r)
{
	struct profile *profile = d->profile;
	struct profile_location location = {
		.first_line = (uint32_t)profile->line_count,
	};
	uint64_t mapping_id = 0;
	struct wire_field field;

	while (wire_next(r, &field)) {
		if (field.number == 1) {
			location.id = wire_value(r, &field);
		} else if (field.number == 2) {
			mapping_id = wire_value(r, &field);
		} else if (field.number == 3) {
			location.address = wire_value(r, &field);
		} else if (field.number == 4) {
			struct reader line = wire_bytes(r, &field);

			read_line(d, &line);
			if (!reader_ok(&line))
				reader_fail(r);
		} else if (field.number == 5) {
			location.is_folded = wire_value(r, &field) != 0;
		}
	}
	location.mapping = proto_ref(&d->mapping_refs, mapping_id);
	location.line_count = (uint32_t)profile->line_count - location.first_line;
	tables_reserve_locations(profile, 1);
	profile->locations[profile->location_count++] = location;
}

static void read_function(struct proto_decoder *d, struct reader *r)
{
	struct profile_function function = { 0 };
	struct wire_field field;

	while (wire_next(r, &field)) {
		if (field.number == 1)
			function.id = wire_value(r, &field);
		else if (field.number == 2)
			function.name = string_index(d, r, &field);
		else if (field.number == 3)
			function.system_name = string_index(d, r, &field);
		else if (field.number == 4)
			function.filename = string_index(d, r, &field);
		else if (field.number == 5)
			function.start_line = (int64_t)wire_value(r, &field);
	}
	tables_reserve_functions(d->profile, 1);
	d->profile->functions[d->profile->function_count++] = function;
}

static void read_string(struct proto_decoder *d, struct reader *r)
{
	d->strings = table_reserve(d->strings, &d->string_capacity, d->string_count + 1,
				   sizeof(*d->strings));
	d->strings[d->string_count++] =
		(struct str){ (const char *)r->p, reader_left(r) };
}

static void add_comment(struct proto_decoder *d, uint32_t string)
{
	struct profile *profile = d->profile;

	profile->comments =
		table_reserve(profile->comments, &profile->comment_capacity,
			      profile->comment_count + 1, sizeof(*profile->comments));
	profile->comments[profile->comment_count++] = string;
}

static void read_comments(struct proto_decoder *d, struct reader *r,
			  struct wire_field *field)
{
	struct wire_field index = { .number = field->number, .type = WIRE_VARINT };

	if (field->type != WIRE_BYTES) {
		add_comment(d, string_index(d, r, field));
		return;
	}
	while (reader_left(&field->bytes) > 0) {
		index.value = reader_uleb(&field->bytes);
		add_comment(d, string_index(d, r, &index));
	}
	if (!reader_ok(&field->bytes))
		reader_fail(r);
}

// The fields that are messages or strings of their own.
static void read_message(struct proto_decoder *d, struct reader *r,
			 struct wire_field *field)
{
	struct reader message = wire_bytes(r, field);

	if (field->number == 1)
		read_sample_type(d, &message);
	else if (field->number == 2)
		proto_samples_read(&d->samples, &message);
	else if (field->number == 3)
		read_mapping(d, &message);
	else if (field->number == 4)
		read_location(d, &message);
	else if (field->number == 5)
		read_function(d, &message);
	else if (field->number == 6)
		read_string(d, &message);
	else
		d->profile->period_type = read_value_type(d, &message);
	if (!reader_ok(&message))
		reader_fail(r);
}

static void read_scalar(struct proto_decoder *d, struct reader *r,
			struct wire_field *field)
{
	struct profile *profile = d->profile;

	if (field->number == 7) {
		profile->drop_frames = string_index(d, r, field);
	} else if (field->number == 8) {
		profile->keep_frames = string_index(d, r, field);
	} else if (field->number == 9) {
		d->is_concatenated |= profile->time_ns != 0;
		profile->time_ns = (int64_t)wire_value(r, field);
	} else if (field->number == 10) {
		profile->duration_ns = (int64_t)wire_value(r, field);
	} else if (field->number == 12) {
		profile->period = (int64_t)wire_value(r, field);
	} else if (field->number == 13) {
		read_comments(d, r, field);
	} else if (field->number == 14) {
		profile->default_type = string_index(d, r, field);
	} else if (field->number == 15) {
		profile->doc_url = string_index(d, r, field);
	}
}

// Gives back the pages of samples that were read, for the tables to grow into. Nothing
// but samples lies between release_from and the reader, and nothing points into those.
static void release_samples(struct proto_decoder *d, const struct reader *r)
{
	const uintptr_t page_size = 2 << 20;
	size_t kept = d->ahead != NULL ? INFLATE_AHEAD_WINDOW : 0;
	const uint8_t *to = reader_left(r) < kept ? r->end - kept : r->p;
	uintptr_t first = ((uintptr_t)d->release_from + page_size - 1) & ~(page_size - 1);
	uintptr_t last = (uintptr_t)to & ~(page_size - 1);

	if (d->release_from == NULL || last < first + RELEASE_SIZE)
		return;
	madvise((void *)first, last - first, MADV_DONTNEED);
	d->release_from += last - (uintptr_t)d->release_from;
}

// Goes back to an offset if more of the input has come since.
static bool await_more(struct proto_decoder *d, struct reader *r, size_t offset)
{
	size_t known = (size_t)(r->end - r->start);
	struct str plain;

	if (d->ahead == NULL)
		return false;
	plain = inflate_ahead_wait(d->ahead, known);
	if (plain.n == known)
		return false;
	*r = reader_from_str(plain);
	reader_seek(r, offset);
	return true;
}

// The next field, as soon as all of it is there.
static bool next_field(struct proto_decoder *d, struct reader *r,
		       struct wire_field *field)
{
	size_t offset = reader_offset(r);

	while (!wire_next(r, field)) {
		if (!await_more(d, r, offset))
			return false;
	}
	return true;
}

static bool read_profile(struct proto_decoder *d, struct str bytes, struct error *err)
{
	struct reader r = reader_from_str(bytes);
	struct wire_field field;
	size_t offset = 0;

	while (next_field(d, &r, &field)) {
		if ((field.number >= 1 && field.number <= 6) || field.number == 11)
			read_message(d, &r, &field);
		else
			read_scalar(d, &r, &field);
		if (field.number == 2)
			release_samples(d, &r);
		else if (d->release_from != NULL)
			d->release_from = r.p;
		if (d->is_concatenated)
			return error_set(err, ERROR_FORMAT,
					 "concatenated profiles detected: split them, or "
					 "give each as a file of its own");
		if (!reader_ok(&r))
			break;
		offset = reader_offset(&r);
	}
	if (!reader_ok(&r))
		return error_set(err, ERROR_FORMAT,
				 "unrecognized profile format: byte %zu of %zu begins no "
				 "whole profile.proto field (cut short, or no profile)",
				 offset, bytes.n);
	return true;
}

static bool check_size(size_t size, struct error *err)
{
	if (size == 0)
		return error_set(err, ERROR_FORMAT, "empty input file");
	if (size > SIZE_LIMIT)
		return error_set(err, ERROR_LIMIT,
				 "has %zu MiB of plain profile.proto; the limit is %zu",
				 size >> 20, SIZE_LIMIT >> 20);
	return true;
}

// Of a decoder whose input is known, all or the beginning of `size` bytes.
static bool decode(struct proto_decoder *d, struct str bytes, size_t size,
		   struct profile **out, struct error *err)
{
	bool is_ok;

	if (!check_size(size, err))
		return false;
	d->profile = profile_create();
	proto_samples_init(&d->samples, d->profile, size);
	is_ok = read_profile(d, bytes, err) && proto_resolve(d, err);
	if (is_ok)
		profile_quality_parse(d->profile);
	proto_samples_deinit(&d->samples);
	proto_refs_deinit(&d->function_refs);
	proto_refs_deinit(&d->mapping_refs);
	free(d->strings);
	if (is_ok)
		*out = d->profile;
	else
		profile_destroy(d->profile);
	return is_ok;
}

static bool inflate(struct str bytes, uint8_t **block, struct str *plain,
		    struct error *err)
{
	*plain = bytes;
	if (inflate_is_gzip(bytes) && !inflate_gzip(bytes, block, &plain->n, err))
		return false;
	if (inflate_is_zstd(bytes) && !inflate_zstd(bytes, block, &plain->n, err))
		return false;
	if (*block != NULL)
		plain->p = (const char *)*block;
	return true;
}

static bool decode_whole(struct str bytes, struct profile **out, struct error *err)
{
	CLEANUP_FREE uint8_t *block = NULL;
	struct proto_decoder decoder = { 0 };
	struct str plain;

	if (!inflate(bytes, &block, &plain, err))
		return false;
	decoder.release_from = block;
	return decode(&decoder, plain, plain.n, out, err);
}

// Reads while the rest is still being inflated. False where anything is wrong.
static bool decode_ahead(struct inflate_ahead *ahead, struct profile **out)
{
	struct str plain = inflate_ahead_wait(ahead, 0);
	struct proto_decoder decoder = {
		.ahead = ahead,
		.release_from = (const uint8_t *)plain.p,
	};
	struct profile *profile = NULL;
	struct error unused;
	bool is_ok =
		decode(&decoder, plain, inflate_ahead_size(ahead), &profile, &unused);

	if (!inflate_ahead_stop(ahead) && is_ok) {
		profile_destroy(profile);
		return false;
	}
	if (is_ok)
		*out = profile;
	return is_ok;
}

bool proto_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct inflate_ahead *ahead = inflate_ahead_start(bytes, INFLATE_AHEAD_BYTES);

	// What is wrong is told of the whole.
	return (ahead != NULL && decode_ahead(ahead, out)) ||
	       decode_whole(bytes, out, err);
}

bool proto_decode_large_file(struct str mapped, struct profile **out)
{
	struct inflate_ahead *ahead = inflate_ahead_start(mapped, INFLATE_AHEAD_FILE);

	return ahead != NULL && decode_ahead(ahead, out);
}

// Whether a field of profile.proto has the wire type that it must have.
static bool is_plausible(const struct wire_field *field)
{
	static const enum wire_type types[] = {
		[1] = WIRE_BYTES,   [2] = WIRE_BYTES,   [3] = WIRE_BYTES,
		[4] = WIRE_BYTES,   [5] = WIRE_BYTES,   [6] = WIRE_BYTES,
		[7] = WIRE_VARINT,  [8] = WIRE_VARINT,  [9] = WIRE_VARINT,
		[10] = WIRE_VARINT, [11] = WIRE_BYTES,  [12] = WIRE_VARINT,
		[13] = WIRE_VARINT, [14] = WIRE_VARINT, [15] = WIRE_VARINT,
	};

	if (field->number == 0 || field->number >= sizeof(types) / sizeof(types[0]))
		return false;
	return field->type == types[field->number] ||
	       (field->number == 13 && field->type == WIRE_BYTES);
}

bool proto_is_likely(struct str bytes)
{
	enum { FIELDS_TO_TRY = 4 };
	struct reader r = reader_from_str(bytes);
	struct wire_field field;
	int i = 0;

	if (inflate_is_gzip(bytes) || inflate_is_zstd(bytes))
		return true;
	while (i < FIELDS_TO_TRY && wire_next(&r, &field) && is_plausible(&field))
		i++;
	return i == FIELDS_TO_TRY || (i > 0 && reader_left(&r) == 0 && reader_ok(&r));
}
