// Regions of memory are found by a hash of their number; once there, they stay.
#include "recorder/block_map.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/pages.h"

enum {
	GRANULE_SHIFT = 4,
	REGION_SHIFT = 22,
	WORDS = 1 << (REGION_SHIFT - GRANULE_SHIFT),
	REGIONS_SHIFT = 16, // 256 GiB of heap
	REGIONS = 1 << REGIONS_SHIFT,
	PROBES_MAX = 1024,
};

struct region {
	_Atomic uint64_t name; // its number and 1, 0: none
	_Atomic(_Atomic uint32_t *) words;
};

struct block_map {
	struct region regions[REGIONS];
};

struct block_map *block_map_find(_Atomic(struct block_map *) *place)
{
	struct block_map *map = atomic_load_explicit(place, memory_order_acquire);
	struct block_map *made;

	if (map != NULL)
		return map;
	made = pages_map(sizeof(*made));
	if (made == NULL || atomic_compare_exchange_strong(place, &map, made))
		return made;
	pages_unmap(made, sizeof(*made));
	return map;
}

static struct region *home_of(struct block_map *map, uint64_t name, unsigned probe)
{
	uint64_t hash = name * 0x9e3779b97f4a7c15;

	return &map->regions[((hash >> (64 - REGIONS_SHIFT)) + probe) % REGIONS];
}

// The region of a block, NULL where there is none.
static struct region *find(struct block_map *map, uintptr_t block)
{
	uint64_t name = (block >> REGION_SHIFT) + 1;

	for (unsigned i = 0; i < PROBES_MAX; i++) {
		struct region *region = home_of(map, name, i);
		// Acquire pairs with the exchange that made it.
		uint64_t seen = atomic_load_explicit(&region->name, memory_order_acquire);

		if (seen == name)
			return region;
		if (seen == 0)
			return NULL;
	}
	return NULL;
}

static struct region *find_or_name(struct block_map *map, uintptr_t block)
{
	uint64_t name = (block >> REGION_SHIFT) + 1;

	for (unsigned i = 0; i < PROBES_MAX; i++) {
		struct region *region = home_of(map, name, i);
		uint64_t seen = 0;

		if (atomic_compare_exchange_strong(&region->name, &seen, name) ||
		    seen == name)
			return region;
	}
	return NULL;
}

static _Atomic uint32_t *words_of(const struct region *region)
{
	return atomic_load_explicit(&region->words, memory_order_acquire);
}

static bool make_words(struct region *region)
{
	_Atomic uint32_t *none = NULL;
	_Atomic uint32_t *made = pages_map(WORDS * sizeof(*made));

	if (made != NULL && !atomic_compare_exchange_strong(&region->words, &none, made))
		pages_unmap((void *)made, WORDS * sizeof(*made));
	return words_of(region) != NULL;
}

static _Atomic uint32_t *word_of(const struct region *region, uintptr_t block)
{
	return &words_of(region)[block >> GRANULE_SHIFT & (WORDS - 1)];
}

static struct region *make(struct block_map *map, uintptr_t block)
{
	struct region *region = find_or_name(map, block);

	if (region == NULL || (words_of(region) == NULL && !make_words(region)))
		return NULL;
	return region;
}

bool block_map_put(struct block_map *map, uintptr_t block, uint32_t bucket,
		   uint32_t *before)
{
	struct region *region = find(map, block);
	_Atomic uint32_t *word;

	if (region == NULL || words_of(region) == NULL)
		region = make(map, block);
	if (region == NULL)
		return false;
	// The allocator has just given the block to this thread alone.
	word = word_of(region, block);
	*before = atomic_load_explicit(word, memory_order_relaxed);
	atomic_store_explicit(word, bucket, memory_order_relaxed);
	return true;
}

uint32_t block_map_remove(struct block_map *map, uintptr_t block)
{
	const struct region *region = find(map, block);
	_Atomic uint32_t *word;
	uint32_t bucket;

	if (region == NULL || words_of(region) == NULL)
		return 0;
	word = word_of(region, block);
	bucket = atomic_load_explicit(word, memory_order_relaxed);
	if (bucket != 0)
		atomic_store_explicit(word, 0, memory_order_relaxed);
	return bucket;
}

// Private pages that are given back read as zero.
void block_map_reset(struct block_map *map)
{
	for (size_t i = 0; map != NULL && i < REGIONS; i++) {
		_Atomic uint32_t *words = words_of(&map->regions[i]);

		if (words != NULL)
			madvise((void *)words, WORDS * sizeof(*words), MADV_DONTNEED);
	}
}

// A cursor is a region and a word in it.
bool block_map_next(const struct block_map *map, uint64_t *cursor, uint64_t *block,
		    uint32_t *bucket)
{
	while (map != NULL && *cursor >> 32 < REGIONS) {
		const struct region *region = &map->regions[*cursor >> 32];
		_Atomic uint32_t *words = words_of(region);
		uint64_t at = (uint32_t)*cursor;

		for (; words != NULL && at < WORDS; at++) {
			*bucket = atomic_load_explicit(&words[at], memory_order_relaxed);
			if (*bucket == 0)
				continue;
			*block = (atomic_load(&region->name) - 1) << REGION_SHIFT |
				 at << GRANULE_SHIFT;
			*cursor = (*cursor >> 32 << 32 | at) + 1;
			return true;
		}
		*cursor = ((*cursor >> 32) + 1) << 32;
	}
	return false;
}
