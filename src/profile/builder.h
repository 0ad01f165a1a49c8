// Adds rows to a profile, folding what is equal. For sources, decoders and merging.
#pragma once

#include "base/fold.h"
#include "profile/profile.h"

// Borrows the profile; holds only the lookup tables that folding needs, so a profile may
// be built, used, and built upon again. A table of what is there already is made when it
// is first asked: adding names to a large profile costs no look at its stacks.
struct profile_builder {
	struct profile *profile;
	struct fold stack_rows;    // by hash of the locations
	struct fold label_rows;    // by hash of the labels
	struct fold location_rows; // by hash of mapping and address
	struct map sample_rows;    // stack and labels -> sample row
	bool has_stack_rows, has_label_rows, has_location_rows, has_sample_rows;
	uint64_t next_mapping_id, next_function_id, next_location_id;
};

void profile_builder_init(struct profile_builder *builder, struct profile *profile);
void profile_builder_deinit(struct profile_builder *builder);

// Appends a value column; only before the first sample.
void profile_builder_add_type(struct profile_builder *builder, struct str type,
			      struct str unit);

// Appends a row as it is, with a fresh id, and returns its number.
uint32_t profile_builder_add_mapping(struct profile_builder *builder,
				     struct profile_mapping mapping);
uint32_t profile_builder_add_function(struct profile_builder *builder,
				      struct profile_function function);

// The row of that address in that mapping (PROFILE_NONE: none), added when new, without
// lines.
uint32_t profile_builder_location(struct profile_builder *builder, uint32_t mapping,
				  uint64_t address);

// Appends a location that no address folds: one that is known by its lines.
uint32_t profile_builder_add_location(struct profile_builder *builder, uint32_t mapping,
				      uint64_t address);

// Replaces the lines of a location that has none yet.
void profile_builder_set_lines(struct profile_builder *builder, uint32_t location,
			       const struct profile_line *lines, size_t count);

// The row of an equal stack (leaf first), or of an equal label list, added when new. The
// order of labels counts.
uint32_t profile_builder_stack(struct profile_builder *builder, const uint32_t *locations,
			       size_t count);
uint32_t profile_builder_labels(struct profile_builder *builder,
				const struct profile_label *labels, size_t count);

// Adds the values (type_count of them) to the sample with that stack and those labels;
// both are rows. Use either this or profile_builder_append for one profile.
void profile_builder_add(struct profile_builder *builder, uint32_t stack, uint32_t labels,
			 const int64_t *values);

// Appends a sample of its own, as decoders must.
void profile_builder_append(struct profile_builder *builder, uint32_t stack,
			    uint32_t labels, const int64_t *values);
