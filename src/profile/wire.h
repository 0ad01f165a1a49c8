// The protobuf wire format: one field after the other from a bounded cursor.
#pragma once

#include "base/reader.h"

// https://protobuf.dev/programming-guides/encoding: a field is a varint tag
// (number << 3 | type) and what its type says. Groups (3, 4) are not read.
enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
	WIRE_FIXED32 = 5,
};

struct wire_field {
	uint64_t number;
	enum wire_type type;
	uint64_t value;      // of a varint
	struct reader bytes; // of WIRE_BYTES
};

// Reads the next field; false at the end and on failure, which reader_ok tells apart.
static inline bool wire_next(struct reader *r, struct wire_field *field)
{
	uint64_t tag;

	*field = (struct wire_field){ 0 };
	if (reader_left(r) == 0)
		return false;
	tag = reader_uleb(r);
	field->number = tag >> 3;
	field->type = (enum wire_type)(tag & 7);
	switch (field->type) {
	case WIRE_VARINT:
		field->value = reader_uleb(r);
		break;
	case WIRE_FIXED64:
		reader_skip(r, 8);
		break;
	case WIRE_BYTES:
		field->bytes = reader_sub(r, reader_uleb(r));
		break;
	case WIRE_FIXED32:
		reader_skip(r, 4);
		break;
	default:
		reader_fail(r);
	}
	return reader_ok(r);
}

// The value of a field that must be a varint, else `r` fails.
static inline uint64_t wire_value(struct reader *r, const struct wire_field *field)
{
	if (field->type == WIRE_VARINT)
		return field->value;
	reader_fail(r);
	return 0;
}

// The bytes of a field that must have some, else `r` fails.
static inline struct reader wire_bytes(struct reader *r, const struct wire_field *field)
{
	if (field->type == WIRE_BYTES)
		return field->bytes;
	reader_fail(r);
	return (struct reader){ 0 };
}
