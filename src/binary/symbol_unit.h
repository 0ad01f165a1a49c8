// One compilation unit's functions, inlined calls and lines as flat arrays, the same in
// memory and in the cache file.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "binary/dwarf_abbrev.h"
#include "binary/dwarf_line.h"
#include "binary/dwarf_ranges.h"
#include "binary/dwarf_scope.h"
#include "binary/radix.h"
#include "binary/symbol_strings.h"

#define SYMBOL_UNIT_NONE    UINT32_MAX
#define SYMBOL_UNIT_NO_FILE UINT16_MAX

// Strings are offsets into the index's pool; files and functions are indices into the
// unit's arrays. Columns beyond 16 bits become 0.
struct symbol_unit_row {
	uint32_t line;
	uint16_t file, column;
};

struct symbol_unit_scope {
	uint32_t parent; // a smaller index, SYMBOL_UNIT_NONE for a function
	uint32_t function, call_line;
	uint16_t call_file, call_column;
};

struct symbol_unit_function {
	uint32_t name, line;
};

// The head of the flat block; the arrays follow it in this order:
//   uint32_t row_starts[], struct symbol_unit_row rows[]: each row is valid up to the
//   next uint32_t segment_starts[], segment_scopes[]: the innermost scope, likewise
//   scopes[], functions[], uint32_t files[]
// Starts are relative to base.
struct symbol_unit {
	uint64_t base;
	uint32_t row_count, segment_count, scope_count, function_count, file_count;
	uint32_t padding;
};

// The arrays of a block.
struct symbol_unit_view {
	const struct symbol_unit *unit;
	uint32_t *row_starts;
	struct symbol_unit_row *rows;
	uint32_t *segment_starts, *segment_scopes;
	struct symbol_unit_scope *scopes;
	struct symbol_unit_function *functions;
	uint32_t *files;
};

uint64_t symbol_unit_size(const struct symbol_unit *unit);
struct symbol_unit_view symbol_unit_view(struct symbol_unit *unit);

// The row and the innermost scope at an address, SYMBOL_UNIT_NONE where there is none.
uint32_t symbol_unit_find_row(const struct symbol_unit_view *view, uint64_t address);
uint32_t symbol_unit_find_scope(const struct symbol_unit_view *view, uint64_t address);

// What one thread needs to build units. Zero-initialise, set dwarf and budget.
struct symbol_unit_builder {
	const struct dwarf *dwarf;
	struct dwarf_ranges_budget budget;
	uint64_t line_budget; // bytes of line programs it may still run
	struct dwarf_abbrev_cache abbrevs;
	struct symbol_strings strings;
	struct dwarf_scopes scopes;
	struct dwarf_rows rows;
	// Scratch of one unit.
	struct radix_item *items, *spare;
	size_t item_capacity, spare_capacity;
	uint32_t *slots; // of function entries: index + 1
	size_t slot_capacity, slot_mask;
	uint64_t *entries; // of functions
	size_t entry_capacity;
	uint16_t *file_numbers; // line program's to unit's
	size_t file_capacity;
	struct symbol_unit head;
	struct symbol_unit_view draft;
	size_t capacities[7]; // of the draft's arrays, in order
};

void symbol_unit_builder_deinit(struct symbol_unit_builder *builder);

// Reads one unit of the builder's file into a malloc'ed block that the caller frees.
// Strings refer to the builder's pool.
struct symbol_unit *symbol_unit_build(struct symbol_unit_builder *builder, size_t unit);
