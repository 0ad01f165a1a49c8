// Linear probing ordered by hash, so that growing reads and writes memory in order.
#include "base/fold.h"

#include <stdlib.h>

#include "base/arena.h"

enum { SLOT_BITS_MIN = 10, HASH_BITS = 32 };

void fold_deinit(struct fold *fold)
{
	free(fold->slots);
	*fold = (struct fold){ 0 };
}

static void rehash(struct fold *fold, unsigned slot_bits)
{
	struct fold grown = { .count = fold->count };

	grown.slot_count = (size_t)1 << slot_bits;
	grown.shift = HASH_BITS - slot_bits;
	grown.slots = table_zeroed(grown.slot_count, sizeof(*grown.slots));
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

void fold_reserve(struct fold *fold, size_t more)
{
	unsigned slot_bits = SLOT_BITS_MIN;

	if (fold->count + more <= fold->slot_count / 2)
		return;
	while (((size_t)1 << slot_bits) / 2 < fold->count + more)
		slot_bits++;
	rehash(fold, slot_bits < HASH_BITS ? slot_bits : HASH_BITS);
}
