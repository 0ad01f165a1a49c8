// Attribute values in all their forms.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"
#include "base/str.h"
#include "binary/dwarf_constants.h"

struct dwarf;
struct dwarf_unit;

enum dwarf_value_kind {
	DWARF_VALUE_OTHER, // a block, flag or signature: skipped
	DWARF_VALUE_ADDRESS,
	DWARF_VALUE_ADDRESS_INDEX,
	DWARF_VALUE_CONSTANT,
	DWARF_VALUE_OFFSET, // into another section
	DWARF_VALUE_LIST_INDEX,
	DWARF_VALUE_ENTRY, // offset into .debug_info, maybe with DWARF_IN_ALT
	DWARF_VALUE_TEXT,  // the string stands in the entry itself
	DWARF_VALUE_STRING,
	DWARF_VALUE_LINE_STRING,
	DWARF_VALUE_ALT_STRING,
	DWARF_VALUE_STRING_INDEX,
};

struct dwarf_value {
	enum dwarf_value_kind kind;
	uint64_t number;
	const char *text; // of DWARF_VALUE_TEXT, NUL-terminated
};

// How a form is skipped: in `size` bytes, or by what stands in front of it.
enum dwarf_extent {
	DWARF_EXTENT_UNKNOWN, // fails the reader
	DWARF_EXTENT_FIXED,
	DWARF_EXTENT_LEB,
	DWARF_EXTENT_TEXT,
	DWARF_EXTENT_BLOCK1,
	DWARF_EXTENT_BLOCK2,
	DWARF_EXTENT_BLOCK4,
	DWARF_EXTENT_BLOCK, // a LEB128 counts its bytes
	DWARF_EXTENT_INDIRECT,
	DWARF_EXTENT_SIBLING, // used by abbreviations only
};

// The extent of a form; for DWARF_EXTENT_FIXED, its size. offset_size is 4 or 8.
enum dwarf_extent dwarf_form_extent(uint32_t form, unsigned offset_size, unsigned version,
				    unsigned *size);

// Reads one value. An unknown form fails the reader.
struct dwarf_value dwarf_form_read(struct reader *r, uint32_t form, int64_t implicit,
				   const struct dwarf_unit *unit);

void dwarf_form_skip(struct reader *r, uint32_t form, unsigned offset_size,
		     unsigned version);

// The string or the address a value stands for, "" and false where it stands for none.
// The string is NUL-terminated and stays where it is.
const char *dwarf_form_string(const struct dwarf_value *value, const struct dwarf *dwarf,
			      const struct dwarf_unit *unit);
bool dwarf_form_address(const struct dwarf_value *value, const struct dwarf *dwarf,
			const struct dwarf_unit *unit, uint64_t *address);
