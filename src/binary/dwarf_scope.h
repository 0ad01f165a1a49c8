// The functions and inlined calls of one unit and the addresses they cover.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "binary/dwarf_abbrev.h"
#include "binary/dwarf_ranges.h"

struct dwarf;
struct dwarf_unit;

#define DWARF_NO_SCOPE UINT32_MAX

// A function that has code, or a call inlined into `parent`. Parents come before their
// children.
struct dwarf_scope {
	uint64_t function; // the entry that leads to its name, maybe with DWARF_IN_ALT
	uint32_t parent;   // DWARF_NO_SCOPE for a function
	uint32_t call_file, call_line, call_column;
};

struct dwarf_scope_range {
	uint64_t low, high;
	uint32_t scope;
};

// Reused from unit to unit: dwarf_scope_read empties it first.
struct dwarf_scopes {
	struct dwarf_scope *items;
	size_t count, capacity;
	struct dwarf_scope_range *ranges;
	size_t range_count, range_capacity;
	uint32_t *open; // of the walk: the scope in force at each depth
	size_t open_capacity;
};

void dwarf_scope_deinit(struct dwarf_scopes *scopes);

// Walks the unit's entries. A malformed one ends the walk: what was found before it
// stands.
void dwarf_scope_read(struct dwarf_scopes *scopes, const struct dwarf *dwarf,
		      const struct dwarf_unit *unit, struct dwarf_abbrev_cache *abbrevs,
		      struct dwarf_ranges_budget *budget);

// The name of the function an entry is or leads to: its linkage name, or its plain one
// where it has none; and the line where it is declared, 0 where unknown.
struct dwarf_function {
	const char *name; // "" unknown
	uint32_t line;
};

struct dwarf_function dwarf_scope_function(uint64_t entry, const struct dwarf *dwarf,
					   struct dwarf_abbrev_cache *abbrevs);
