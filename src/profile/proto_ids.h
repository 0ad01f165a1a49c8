// From the 64-bit ids of a profile.proto to rows of 32 bits, known only after the pass.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

// References from here on stand for ids that do not fit.
#define PROTO_REF_WIDE ((uint32_t)1 << 31)

// Names for ids whose rows are not known yet: id - 1 for most, so that a file which
// numbers its rows 1, 2, 3, ... (as Go does) needs no second pass over its stacks.
struct proto_refs {
	struct map wide_refs;
	uint64_t *wide_ids; // by reference - PROTO_REF_WIDE
	size_t wide_count, wide_capacity;
};

void proto_refs_deinit(struct proto_refs *refs);

uint32_t proto_refs_add_wide(struct proto_refs *refs, uint64_t id);

static inline uint32_t proto_ref(struct proto_refs *refs, uint64_t id)
{
	return id - 1 < PROTO_REF_WIDE ? (uint32_t)(id - 1)
				       : proto_refs_add_wide(refs, id);
}

// The rows of one table by id.
struct proto_rows {
	size_t count;
	bool is_identity; // row i has id i + 1
	uint32_t *dense;  // row by id - 1; NULL: sparse is used
	size_t dense_count;
	struct map sparse;
};

// Rows lie row_size bytes apart and begin with their id. False when an id is 0 or not the
// only one of its kind; that one is stored to bad_id.
bool proto_rows_init(struct proto_rows *rows, const void *table, size_t count,
		     size_t row_size, uint64_t *bad_id)
	__attribute__((warn_unused_result));
void proto_rows_deinit(struct proto_rows *rows);

// The id that a reference stands for.
uint64_t proto_refs_id(const struct proto_refs *refs, uint32_t ref);

// The row of the id that a reference stands for, or MAP_NONE.
uint32_t proto_rows_find(const struct proto_rows *rows, const struct proto_refs *refs,
			 uint32_t ref);
