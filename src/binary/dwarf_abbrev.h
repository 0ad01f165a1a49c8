// Abbreviation tables, compiled into what a fast walk over entries needs: how to step
// over an entry, and whether it is of interest at all.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

struct dwarf;
struct dwarf_unit;
struct reader;

// What a walk that looks for code does with an entry.
enum dwarf_role {
	DWARF_ROLE_SKIP, // nothing below it has code: leap to its sibling
	DWARF_ROLE_TYPE, // a class: inside a function its methods may have code below it
	DWARF_ROLE_DESCEND, // no code of its own, perhaps below
	DWARF_ROLE_SCOPE,   // a function or an inlined call, with code
};

struct dwarf_attribute {
	uint16_t name, form;
	int64_t implicit; // value of DW_FORM_IMPLICIT_CONST
};

struct dwarf_abbrev {
	const struct dwarf_attribute *attributes;
	const uint32_t
		*steps;      // how to skip the entry's attributes, see dwarf_abbrev_skip
	uint32_t fixed_size; // of all attributes; DWARF_NOT_FIXED where steps tell
	uint16_t tag, attribute_count, step_count;
	uint8_t role;
	bool has_children;
};

#define DWARF_NOT_FIXED UINT32_MAX

// Codes 1 to count are in order in practice; strange ones are found by map.
struct dwarf_abbrevs {
	const struct dwarf_abbrev *items;
	size_t count;
	struct map by_code; // of those that are not at items[code - 1]
};

// Tables by offset. One per thread; what it hands out lives as long as the cache.
struct dwarf_abbrev_cache {
	struct arena arena;
	struct map by_key;
	struct dwarf_abbrevs **tables;
	size_t table_count, table_capacity;
	uint64_t bytes_read[2]; // of the file and its alternate: tables may overlap, so
				// what is parsed is bounded
};

void dwarf_abbrev_cache_deinit(struct dwarf_abbrev_cache *cache);

// The table of a unit, or NULL when it is malformed or the section is read too often.
const struct dwarf_abbrevs *dwarf_abbrev_table(struct dwarf_abbrev_cache *cache,
					       const struct dwarf *dwarf,
					       const struct dwarf_unit *unit);

// The next name and form of a declaration; false at its end and on failure.
bool dwarf_abbrev_read_attribute(struct reader *r, struct dwarf_attribute *out);

// NULL for a code that the table does not have.
static inline const struct dwarf_abbrev *dwarf_abbrev_find(
	const struct dwarf_abbrevs *table, uint64_t code)
{
	uint32_t index;

	if (code - 1 < table->count && table->by_code.count == 0)
		return &table->items[code - 1];
	index = map_get(&table->by_code, code);
	return index == MAP_NONE ? NULL : &table->items[index];
}

// The end of the attributes that start at p, or NULL when they go beyond `end`. *sibling
// receives the unit-relative offset of DW_AT_sibling where there is one.
const uint8_t *dwarf_abbrev_skip(const struct dwarf_abbrev *abbrev, const uint8_t *p,
				 const uint8_t *end, const struct dwarf_unit *unit,
				 uint64_t *sibling);
