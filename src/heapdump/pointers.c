// Reads lists of fields and scans words.
#include "heapdump/pointers.h"

#include <stddef.h>
#include <string.h>

#include "base/reader.h"

enum { WORD = 8 };

static uint64_t word_at(const struct pointers_source *source, uint64_t offset)
{
	uint64_t value = 0;

	if (source->contents == NULL || source->contents_size < WORD ||
	    offset > source->contents_size - WORD)
		return 0;
	memcpy(&value, source->contents + offset, sizeof(value));
	return value;
}

static bool next_word(struct pointers_cursor *cursor, struct pointers_item *out)
{
	const struct pointers_source *source = cursor->source;
	uint64_t first = -source->address & (WORD - 1);

	// Words are aligned in the process, wherever the block begins.
	if (source->contents_size < WORD ||
	    first + cursor->position > source->contents_size - WORD)
		return false;
	out->offset = first + cursor->position;
	out->value = word_at(source, out->offset);
	cursor->position += WORD;
	return true;
}

static bool read_field(const struct pointers_source *source, struct reader *r,
		       struct pointers_item *out)
{
	uint64_t kind = reader_uleb(r);

	if (kind == POINTERS_FIELD_END || kind > POINTERS_FIELD_VALUE)
		return false;
	out->offset = reader_uleb(r);
	if (kind == POINTERS_FIELD_VALUE) {
		out->value = reader_uleb(r);
		return reader_ok(r);
	}
	if (kind != POINTERS_FIELD_POINTER)
		out->offset += WORD;
	out->value = word_at(source, out->offset);
	return reader_ok(r);
}

static bool next_field(struct pointers_cursor *cursor, struct pointers_item *out)
{
	const struct pointers_source *source = cursor->source;
	struct reader r = reader_from(source->fields,
				      (size_t)(source->fields_end - source->fields));

	reader_seek(&r, cursor->position);
	if (!read_field(source, &r, out))
		return false;
	cursor->position = reader_offset(&r);
	return true;
}

bool pointers_next_place(struct pointers_cursor *cursor, struct pointers_item *out)
{
	switch (cursor->source->form) {
	case POINTERS_NONE:
		return false;
	case POINTERS_LISTED:
		return next_field(cursor, out);
	case POINTERS_CONSERVATIVE:
		return next_word(cursor, out);
	}
	return false;
}

bool pointers_next(struct pointers_cursor *cursor, struct pointers_item *out)
{
	while (pointers_next_place(cursor, out)) {
		if (out->value != 0)
			return true;
	}
	return false;
}

const uint8_t *pointers_skip_list(const uint8_t *fields, const uint8_t *limit)
{
	struct reader r = reader_from(fields, (size_t)(limit - fields));

	for (;;) {
		uint64_t kind = reader_uleb(&r);

		if (!reader_ok(&r) || kind > POINTERS_FIELD_VALUE)
			return NULL;
		if (kind == POINTERS_FIELD_END)
			return r.p;
		(void)reader_uleb(&r);
		if (kind == POINTERS_FIELD_VALUE)
			(void)reader_uleb(&r);
	}
}
