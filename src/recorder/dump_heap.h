// What of the memory belongs to the allocator or the recorder, and is no root: stale
// contents of freed blocks there look like pointers to others.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct space;
struct space_map;
struct world;

// The part of the heap that a block is in. Blocks should come by address.
void dump_heap_exclude_block(struct space *space, uint64_t block);

// The allocator's own state, and the recorder's.
void dump_heap_exclude_own(struct space *space);

// Stacks that the C library keeps of threads that have ended.
void dump_heap_exclude_dead_stacks(struct space *space, const struct world *world);

// Whether the map is the zero-initialised part behind a file's data.
bool dump_heap_is_bss(const struct space *space, const struct space_map *map);
