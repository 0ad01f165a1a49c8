// Compiles call frame information to an unwind table, wherever its bytes are: in a file
// or in the memory of this process.
#pragma once

#include <stdbool.h>

#include "unwind/eh_frame.h"

struct table_builder;
struct unwind_range;
struct unwind_table;

// Rules that are not call frame information: Go's. Ranges of the origin RANGE_GO come
// from collect, and compile appends their rows; false when a range has none.
struct compile_extra {
	void (*collect)(const struct compile_extra *extra, struct table_builder *builder);
	bool (*compile)(const struct compile_extra *extra, struct table_builder *builder,
			const struct unwind_range *range);
};

// The executable addresses [start, limit) of a file, its entry point (0: none), its
// .eh_frame and .debug_frame (size 0: none). The bytes are borrowed by the table.
struct compile_source {
	uint64_t start, limit, entry;
	struct eh_section sections[2];     // by enum range_origin
	const struct compile_extra *extra; // or NULL
};

// NULL where nothing describes the code, or for lack of memory. Touches neither the heap
// nor a lock: all memory comes from pages.h.
struct unwind_table *compile_table(const struct compile_source *source);
