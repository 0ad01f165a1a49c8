// Linear probing over power-of-two tables, at most three quarters full.
#include "base/map.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

enum { SLOTS_MIN = 64, BATCH_SIZE = 64 };

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

	grown.slots = table_zeroed(grown.capacity, sizeof(*grown.slots));
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
	fold_deinit(&interner->ids);
	*interner = (struct interner){ 0 };
}

// The id of s, or MAP_NONE with `slot` where it belongs.
static uint32_t interner_search(const struct interner *interner, struct str s,
				uint64_t hash, size_t *slot)
{
	uint32_t id;

	*slot = fold_start(&interner->ids, hash);
	do
		id = fold_next(&interner->ids, hash, slot);
	while (id != FOLD_NONE && !str_equal(interner->strings[id], s));
	return id;
}

// Room for one more string has been made in the fold.
static uint32_t interner_put(struct interner *interner, struct arena *arena, struct str s,
			     uint64_t hash)
{
	size_t slot;
	uint32_t id = interner_search(interner, s, hash, &slot);

	if (id != MAP_NONE)
		return id;
	interner->strings =
		table_reserve(interner->strings, &interner->capacity, interner->count + 1,
			      sizeof(*interner->strings));
	id = (uint32_t)interner->count++;
	interner->strings[id] = arena == NULL ? s : str_copy(arena, s);
	fold_add(&interner->ids, hash, slot, id);
	return id;
}

uint32_t interner_add(struct interner *interner, struct arena *arena, struct str s)
{
	fold_reserve(&interner->ids, 1);
	return interner_put(interner, arena, s, str_hash(s));
}

void interner_add_views(struct interner *interner, const struct str *strings,
			size_t count, uint32_t *ids)
{
	uint64_t hashes[BATCH_SIZE];

	fold_reserve(&interner->ids, count);
	interner->strings =
		table_reserve(interner->strings, &interner->capacity,
			      interner->count + count, sizeof(*interner->strings));
	for (size_t done = 0; done < count; done += BATCH_SIZE) {
		size_t size = count - done < BATCH_SIZE ? count - done : BATCH_SIZE;

		// The slots are far apart: ask for all of them before the first is read.
		for (size_t i = 0; i < size; i++) {
			hashes[i] = str_hash(strings[done + i]);
			fold_prefetch(&interner->ids, hashes[i]);
		}
		for (size_t i = 0; i < size; i++)
			ids[done + i] = interner_put(interner, NULL, strings[done + i],
						     hashes[i]);
	}
}

uint32_t interner_find(const struct interner *interner, struct str s)
{
	size_t slot;

	if (interner->count == 0)
		return MAP_NONE;
	return interner_search(interner, s, str_hash(s), &slot);
}
