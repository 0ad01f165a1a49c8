// A word for every 16 bytes of memory in which blocks were found: what the block that
// begins there is counted in. Whoever owns a block owns its word, so nobody locks, waits
// or searches. For heaps of which every block is known; it takes up to a quarter of their
// size.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct block_map;

// The map at `place`, made when there is none; NULL for lack of memory. All that follows
// is async-signal-safe.
struct block_map *block_map_find(_Atomic(struct block_map *) *place);

// Whether the map can know a block.
static inline bool block_map_takes(uintptr_t block)
{
	return block % 16 == 0;
}

// Gives a block its bucket and tells the one it had, 0: none. False for lack of memory.
bool block_map_put(struct block_map *map, uintptr_t block, uint32_t bucket,
		   uint32_t *before);

// The bucket of a block, which the map forgets; 0 where it does not know the block.
uint32_t block_map_remove(struct block_map *map, uintptr_t block);

// Forgets all, in a forked child. NULL is no map.
void block_map_reset(struct block_map *map);

// Goes through all blocks: *cursor is 0 at first; false at the end. Others may put and
// remove meanwhile. NULL is no map.
bool block_map_next(const struct block_map *map, uint64_t *cursor, uint64_t *block,
		    uint32_t *bucket);
