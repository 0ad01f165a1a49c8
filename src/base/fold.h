// Finds equal rows of a table by their hash, so that each is kept once.
#pragma once

#include <stddef.h>
#include <stdint.h>

// "No more rows".
#define FOLD_NONE UINT32_MAX

// From hashes to row numbers below 2^32 - 1. Zero-initialised is empty and valid. It
// holds 32 bits of each hash, so the caller compares what it finds.
struct fold {
	uint64_t *slots; // hash bits above, row + 1 below; 0 is free
	size_t slot_count, count;
	unsigned shift; // from 32 hash bits to a slot
};

void fold_deinit(struct fold *fold);

// Makes room for `more` rows, which fold_add then takes. Moves the slots.
void fold_reserve(struct fold *fold, size_t more);

// Where the search for a hash begins. Valid until the next fold_reserve.
static inline size_t fold_start(const struct fold *fold, uint64_t hash)
{
	return (size_t)((hash >> 32) >> fold->shift);
}

static inline void fold_prefetch(const struct fold *fold, uint64_t hash)
{
	__builtin_prefetch(&fold->slots[fold_start(fold, hash)]);
}

// The next row whose hash may be equal, or FOLD_NONE; `slot` starts at fold_start and is
// moved behind what was found. After FOLD_NONE it is the free slot for fold_add.
static inline uint32_t fold_next(const struct fold *fold, uint64_t hash, size_t *slot)
{
	size_t mask = fold->slot_count - 1;

	for (;; *slot = (*slot + 1) & mask) {
		uint64_t entry = fold->slots[*slot];

		if (entry == 0)
			return FOLD_NONE;
		if (entry >> 32 == hash >> 32) {
			*slot = (*slot + 1) & mask;
			return (uint32_t)entry - 1;
		}
	}
}

static inline void fold_add(struct fold *fold, uint64_t hash, size_t slot, uint32_t row)
{
	fold->slots[slot] = (hash >> 32) << 32 | (row + 1);
	fold->count++;
}
