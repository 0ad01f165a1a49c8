// The distinct stacks of a profile as lists of frames, with what they weigh.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "profile/profile.h"
#include "report/flame_frames.h"

// By stack row. Owned blocks.
struct flame_stacks {
	const struct profile *profile;
	struct flame_frames frames;
	int64_t *sums;     // type_count values each
	uint32_t *samples; // how many rows of samples have that stack
	uint32_t *nodes;   // where the stack ends in the tree; flame_tree_build fills it
	size_t type_count;
	size_t first_column;  // of the profile, which the first one here is
	uint8_t *base_labels; // by label list: whether its samples are the base of a
			      // difference; NULL: it is none
};

// A place in a stack, moving from the root to the leaf.
struct flame_cursor {
	uint64_t location; // the current one in the table of stack locations
	uint32_t left;     // locations from there to the leaf
	uint32_t line;     // in the frames of the current location
	uint32_t stack;
	uint32_t entry; // the current frame, as flame_frames has it; 0 behind the leaf
};

// Sums the column flame->type, or all when has_all_types; sets the flame's columns.
void flame_stacks_init(struct flame_stacks *stacks, struct flame *flame,
		       const struct report_options *options, bool has_all_types);
void flame_stacks_deinit(struct flame_stacks *stacks);

// Adds the values of one row of samples, a number a column.
void flame_stacks_add_sample(const struct flame_stacks *stacks, size_t sample,
			     int64_t *sums);

// Fills flat, cum and the counts of frames.
void flame_stacks_sum_frames(const struct flame_stacks *stacks, struct flame *flame);

static inline const int64_t *flame_stacks_sums(const struct flame_stacks *stacks,
					       uint32_t stack)
{
	return stacks->sums + (size_t)stack * stacks->type_count;
}

// Where the current frame stands in the list of flame_frames.
static inline uint32_t flame_stacks_entry(const struct flame_stacks *stacks,
					  const struct flame_cursor *cursor)
{
	uint32_t location = stacks->profile->stacks.locations[cursor->location];

	return stacks->frames.first[location] + cursor->line;
}

static inline void flame_stacks_load(const struct flame_stacks *stacks,
				     struct flame_cursor *cursor)
{
	uint32_t location;

	if (cursor->left == 0)
		return;
	location = stacks->profile->stacks.locations[cursor->location];
	cursor->entry =
		stacks->frames.list[stacks->frames.first[location] + cursor->line];
}

static inline struct flame_cursor flame_stacks_root(const struct flame_stacks *stacks,
						    uint32_t stack)
{
	const uint64_t *offsets = stacks->profile->stacks.offsets;
	struct flame_cursor cursor = {
		.location = offsets[stack + 1] - 1,
		.left = (uint32_t)(offsets[stack + 1] - offsets[stack]),
		.stack = stack,
	};

	flame_stacks_load(stacks, &cursor);
	return cursor;
}

// To the next frame; left is 0 behind the leaf.
static inline void flame_stacks_advance(const struct flame_stacks *stacks,
					struct flame_cursor *cursor)
{
	uint32_t location = stacks->profile->stacks.locations[cursor->location];
	const uint32_t *first = stacks->frames.first;

	cursor->line++;
	if (first[location] + cursor->line == first[location + 1]) {
		cursor->line = 0;
		cursor->left--;
		cursor->location--;
	}
	flame_stacks_load(stacks, cursor);
}

static inline int64_t flame_stacks_add(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static inline uint64_t flame_stacks_weigh(uint64_t weight, int64_t value)
{
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

	return weight > UINT64_MAX - size ? UINT64_MAX : weight + size;
}
