// How the sources of unwind rules feed a table under construction.
#pragma once

#include "unwind/rows.h"

// Grows the three arrays of a table. All of its memory comes from build.c, in pages of
// its own: the recorder compiles tables where the heap must not be touched. What finds no
// memory is remembered, and build_finish_take tells.
struct table_builder {
	struct unwind_row *rows;
	struct unwind_range *ranges;
	size_t row_count, row_capacity, range_count, range_capacity;
	uint64_t base, limit; // code outside is refused
	size_t damaged;
	bool is_out_of_memory;
};

// Notes a function; the rows of ranges are asked for later, in the order of addresses.
void build_range(struct table_builder *builder, uint64_t start, uint64_t limit,
		 enum range_origin origin, size_t source);

// Sorts the ranges and makes them disjoint: the one that starts first wins, then the one
// of the lower origin.
void build_sort_ranges(struct table_builder *builder);

// Appends a row that holds from row.pc on; rows equal to the one before are merged.
void build_row(struct table_builder *builder, struct unwind_row row);

// The table made of all that; takes the arrays over. NULL when memory ran out.
struct unwind_table *build_finish_take(struct table_builder *builder);

void build_discard(struct table_builder *builder);
void build_destroy(struct unwind_table *table);
