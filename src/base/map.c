// Linear probing over power-of-two tables, at most three quarters full.
#include "base/map.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

enum { SLOTS_MIN = 64 };

static void *zeroed(size_t count, size_t size)
{
	void *block = calloc(count, size);

	if (block == NULL)
		arena_out_of_memory(count * size);
	return block;
}

void map_deinit(struct map *map)
{
	free(map->slots);
	*map = (struct map){ 0 };
}

static struct map_slot *map_slot_of(const struct map *map, uint64_t key)
{
	size_t mask = map->capacity - 1;
	size_t i = hash_u64(key) & mask;

	while (map->slots[i].used && map->slots[i].key != key)
		i = (i + 1) & mask;
	return &map->slots[i];
}

static void map_grow(struct map *map)
{
	struct map grown = { .capacity =
				     map->capacity == 0 ? SLOTS_MIN : map->capacity * 2,
			     .count = map->count };

	grown.slots = zeroed(grown.capacity, sizeof(*grown.slots));
	for (size_t i = 0; i < map->capacity; i++) {
		if (map->slots[i].used)
			*map_slot_of(&grown, map->slots[i].key) = map->slots[i];
	}
	free(map->slots);
	*map = grown;
}

uint32_t map_get(const struct map *map, uint64_t key)
{
	const struct map_slot *slot;

	if (map->count == 0)
		return MAP_NONE;
	slot = map_slot_of(map, key);
	return slot->used ? slot->value : MAP_NONE;
}

uint32_t *map_put(struct map *map, uint64_t key)
{
	struct map_slot *slot;

	if (map->count >= map->capacity / 4 * 3)
		map_grow(map);
	slot = map_slot_of(map, key);
	if (!slot->used) {
		*slot = (struct map_slot){ .key = key, .value = MAP_NONE, .used = 1 };
		map->count++;
	}
	return &slot->value;
}

void interner_deinit(struct interner *interner)
{
	free(interner->strings);
	free(interner->slots);
	free(interner->tags);
	*interner = (struct interner){ 0 };
}

// The slot that holds s, or the free one where it belongs.
static size_t interner_slot(const struct interner *interner, struct str s, uint64_t hash)
{
	size_t mask = interner->slot_count - 1;
	uint32_t tag = (uint32_t)(hash >> 32);
	size_t i = hash & mask;

	for (; interner->slots[i] != 0; i = (i + 1) & mask) {
		if (interner->tags[i] == tag &&
		    str_equal(interner->strings[interner->slots[i] - 1], s))
			return i;
	}
	return i;
}

static void interner_grow(struct interner *interner)
{
	size_t slot_count =
		interner->slot_count == 0 ? SLOTS_MIN : interner->slot_count * 2;

	free(interner->slots);
	free(interner->tags);
	interner->slots = zeroed(slot_count, sizeof(*interner->slots));
	interner->tags = zeroed(slot_count, sizeof(*interner->tags));
	interner->slot_count = slot_count;
	for (uint32_t id = 0; id < interner->count; id++) {
		uint64_t hash = str_hash(interner->strings[id]);
		size_t i = hash & (slot_count - 1);

		while (interner->slots[i] != 0)
			i = (i + 1) & (slot_count - 1);
		interner->slots[i] = id + 1;
		interner->tags[i] = (uint32_t)(hash >> 32);
	}
}

uint32_t interner_add(struct interner *interner, struct arena *arena, struct str s)
{
	uint64_t hash = str_hash(s);
	size_t i;

	if (interner->count >= interner->slot_count / 4 * 3)
		interner_grow(interner);
	i = interner_slot(interner, s, hash);
	if (interner->slots[i] != 0)
		return interner->slots[i] - 1;
	interner->strings =
		table_reserve(interner->strings, &interner->capacity, interner->count + 1,
			      sizeof(*interner->strings));
	interner->strings[interner->count] = arena == NULL ? s : str_copy(arena, s);
	interner->slots[i] = (uint32_t)++interner->count;
	interner->tags[i] = (uint32_t)(hash >> 32);
	return interner->slots[i] - 1;
}

uint32_t interner_find(const struct interner *interner, struct str s)
{
	size_t i;

	if (interner->count == 0)
		return MAP_NONE;
	i = interner_slot(interner, s, str_hash(s));
	return interner->slots[i] == 0 ? MAP_NONE : interner->slots[i] - 1;
}
