// Open-addressing tables from 64-bit keys, or from strings, to 32-bit ids.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/fold.h"
#include "base/hash.h"
#include "base/str.h"

struct arena;

// "No such key"; never a valid id.
#define MAP_NONE UINT32_MAX

struct map_slot {
	uint64_t key;
	uint32_t value;
	uint32_t used;
};

// Any 64-bit key to a 32-bit value. Zero-initialised is empty and valid.
struct map {
	struct map_slot *slots;
	size_t capacity, count;
};

void map_deinit(struct map *map);

// The value of the key, or MAP_NONE.
uint32_t map_get(const struct map *map, uint64_t key);

// The place of the key's value; a key seen for the first time gets MAP_NONE stored.
// Valid until the next call that may add.
uint32_t *map_put(struct map *map, uint64_t key);

// Asks for the memory that map_put of the key will touch first.
static inline void map_prefetch(const struct map *map, uint64_t key)
{
	if (map->capacity > 0)
		__builtin_prefetch(&map->slots[hash_u64(key) & (map->capacity - 1)]);
}

// Numbers distinct byte strings 0, 1, 2, ... in order of first use. Zero-initialised is
// empty and valid.
struct interner {
	struct str *strings; // by id; count of them
	size_t count, capacity;
	struct fold ids; // by hash of the string
};

void interner_deinit(struct interner *interner);

// The id of s. A string seen for the first time is copied into the arena, or, with a NULL
// arena, kept as the view it is (its bytes must outlive the interner).
uint32_t interner_add(struct interner *interner, struct arena *arena, struct str s);

// The ids of many views at once, kept as they are: as interner_add with a NULL arena, but
// several times faster for large tables.
void interner_add_views(struct interner *interner, const struct str *strings,
			size_t count, uint32_t *ids);

// The id of s, or MAP_NONE.
uint32_t interner_find(const struct interner *interner, struct str s);
