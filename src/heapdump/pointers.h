// The pointers that a stretch of memory holds, one after the other: listed by the dump,
// or every aligned word where nothing is known of its layout.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum pointers_form {
	POINTERS_NONE,
	POINTERS_LISTED,       // a list of fields, ended by kind 0
	POINTERS_CONSERVATIVE, // every aligned word of the contents
};

// A stretch of memory as a dump describes it. All of it is borrowed from the mapped file.
struct pointers_source {
	enum pointers_form form;
	uint64_t address;
	uint64_t contents_size;
	const uint8_t *contents;            // NULL: left out of the dump
	const uint8_t *fields, *fields_end; // of POINTERS_LISTED
};

// Kinds of listed fields. 0 to 3 are Go's (runtime/heapdump.go, fieldKind*), each
// followed by an offset into the contents.
enum pointers_field {
	POINTERS_FIELD_END,
	POINTERS_FIELD_POINTER,
	POINTERS_FIELD_IFACE, // the data word stands behind the first
	POINTERS_FIELD_EFACE,
	POINTERS_FIELD_VALUE, // offset and value: for dumps without contents
};

struct pointers_item {
	uint64_t offset, value;
};

// A position in the pointers of a source: 0 is the first. It may be kept while the cursor
// is not.
struct pointers_cursor {
	const struct pointers_source *source;
	uint64_t position;
};

static inline struct pointers_cursor pointers_from(const struct pointers_source *source,
						   uint64_t position)
{
	return (struct pointers_cursor){ source, position };
}

// Zero words are left out. False at the end, which a broken list has as well.
bool pointers_next(struct pointers_cursor *cursor, struct pointers_item *out);

// The same with the words that are zero.
bool pointers_next_place(struct pointers_cursor *cursor, struct pointers_item *out);

// Walks over a list without looking at values; returns its end, or NULL where it is
// broken or does not end before `limit`.
const uint8_t *pointers_skip_list(const uint8_t *fields, const uint8_t *limit);
