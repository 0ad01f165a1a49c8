// Room for rows in a profile's tables: what the builder, decoders and merging share.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/fold.h"
#include "base/hash.h"
#include "profile/profile.h"

// Each makes room for `more` rows and leaves the counts alone.
void tables_reserve_samples(struct profile *profile, size_t more);
void tables_reserve_sample_rows(struct profile *profile, size_t more); // not the values
void tables_reserve_mappings(struct profile *profile, size_t more);
void tables_reserve_functions(struct profile *profile, size_t more);
void tables_reserve_locations(struct profile *profile, size_t more);
void tables_reserve_lines(struct profile *profile, size_t more);

// Appends a row without looking for an equal one; its number is returned.
// Room for `more` rows that hold so many locations (labels) together.
void tables_reserve_stacks(struct profile_stacks *stacks, size_t more, size_t locations);
void tables_reserve_labels(struct profile_label_sets *sets, size_t more, size_t labels);

uint32_t tables_append_stack(struct profile_stacks *stacks, const uint32_t *locations,
			     size_t count);
uint32_t tables_append_labels(struct profile_label_sets *sets,
			      const struct profile_label *labels, size_t count);

static inline uint64_t tables_hash_stack(const uint32_t *locations, size_t count)
{
	return hash_bytes(locations, count * sizeof(*locations));
}

// Member by member, since labels have padding.
uint64_t tables_hash_labels(const struct profile_label *labels, size_t count);

// The row of an equal stack (label list) whose hash is given, or a new one. `rows` must
// know every row that the table had before.
uint32_t tables_fold_stack(struct profile_stacks *stacks, struct fold *rows,
			   uint64_t hash, const uint32_t *locations, size_t count);
uint32_t tables_fold_labels(struct profile_label_sets *sets, struct fold *rows,
			    uint64_t hash, const struct profile_label *labels,
			    size_t count);

// Makes rows that a table has already known to folding.
void tables_index_stacks(struct fold *rows, const struct profile_stacks *stacks);
void tables_index_labels(struct fold *rows, const struct profile_label_sets *sets);
void tables_index_row(struct fold *rows, uint64_t hash, uint32_t row);
