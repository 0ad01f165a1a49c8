// How many objects there are of each type or site, how large they are and what they keep.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "heapdump/naming.h"

struct dominators;
struct heap;

struct census_row {
	struct str name;
	uint64_t count, bytes;
	// What would be free without all of them: the sum over those that no other one of
	// the row dominates.
	uint64_t retained;
};

// Sorted by falling retained size, then size, then name. Unreachable objects are in the
// totals only. Rows are a block, names are in the arena or borrowed from the heap.
struct census {
	enum naming_by by;
	struct census_row *rows;
	size_t count;
	uint64_t objects, bytes; // reachable
	uint64_t unreachable, unreachable_bytes;
	struct arena arena;
};

// Classifies the heap if need be.
void census_init(struct census *census, struct heap *heap,
		 const struct dominators *dominators, enum naming_by by);
void census_deinit(struct census *census);

struct census_difference_row {
	struct str name;
	struct census_row before, after; // zero where there were none
	int64_t count, bytes, retained;  // after - before
};

struct census_difference {
	struct census_difference_row *rows;
	size_t count;
	int64_t objects, bytes;
};

// Rows of equal names, those that grew most first; rows without any difference are left
// out. Borrows the names of both.
void census_difference_init(struct census_difference *difference,
			    const struct census *before, const struct census *after);
void census_difference_deinit(struct census_difference *difference);
