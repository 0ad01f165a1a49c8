// Rows of one profile into another, each equal one once.
#pragma once

#include "base/fold.h"
#include "base/map.h"
#include "profile/profile.h"

// Where the rows of the profile being added went, PROFILE_NONE where they have not yet
// been needed. Blocks of the sizes of its tables.
struct merge_memo {
	uint32_t *strings, *mappings, *functions, *locations, *stacks, *label_sets;
};

// Rows are numbered from 1 in the order of their first use.
struct merge_rows {
	struct profile *out; // borrowed
	struct fold mappings, functions, locations, stacks, label_sets;
	struct map samples;
	const struct profile *source; // being added
	struct merge_memo memo;
	uint32_t *stack;
	size_t stack_capacity;
	struct profile_label *labels;
	size_t label_capacity;
	struct profile_line *lines;
	size_t line_capacity;
};

void merge_rows_init(struct merge_rows *rows, struct profile *out);
void merge_rows_deinit(struct merge_rows *rows);

// Adds all samples of a profile with the same value columns, but those of zeros only, and
// what they need. The source's first mapping, the main program, becomes the first.
void merge_rows_add(struct merge_rows *rows, const struct profile *source);

// The id in `out` of a string of the source.
uint32_t merge_rows_string(struct merge_rows *rows, uint32_t id);
