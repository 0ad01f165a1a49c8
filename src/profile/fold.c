// Linear probing ordered by hash, so that growing reads and writes memory in order.
#include "profile/fold.h"

#include <stdlib.h>

#include "base/arena.h"

enum { SLOT_BITS_MIN = 10, HASH_BITS = 32 };

void fold_deinit(struct fold *fold)
{
	free(fold->slots);
	*fold = (struct fold){ 0 };
}

void fold_reserve(struct fold *fold)
{
	struct fold grown = { .count = fold->count };

	if (fold->count < fold->slot_count / 2)
		return;
	grown.slot_count =
		fold->slot_count == 0 ? (size_t)1 << SLOT_BITS_MIN : fold->slot_count * 2;
	grown.shift = fold->slot_count == 0 ? HASH_BITS - SLOT_BITS_MIN : fold->shift - 1;
	grown.slots = calloc(grown.slot_count, sizeof(*grown.slots));
	if (grown.slots == NULL)
		arena_out_of_memory(grown.slot_count * sizeof(*grown.slots));
	for (size_t i = 0; i < fold->slot_count; i++) {
		uint64_t entry = fold->slots[i];
		size_t slot = fold_start(&grown, entry);

		while (entry != 0 && grown.slots[slot] != 0)
			slot = (slot + 1) & (grown.slot_count - 1);
		if (entry != 0)
			grown.slots[slot] = entry;
	}
	free(fold->slots);
	*fold = grown;
}
