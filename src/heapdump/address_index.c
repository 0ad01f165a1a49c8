// Sorts by radix; regions of 32-bit places and a table of buckets make a search one or
// two cache lines long.
#include "heapdump/address_index.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
	DIGIT_BITS = 11,
	DIGIT_VALUES = 1 << DIGIT_BITS,
	OBJECTS_PER_BUCKET = 16,
	SMALLEST_BUCKET_SHIFT = 5,
};

// A wider gap starts a new region, so that holes cost no buckets.
#define WIDEST_GAP 65536u

struct address_region {
	uint64_t start, limit; // of the addresses where objects start, limit excluded
	uint32_t first;        // object
	uint32_t first_bucket;
};

static bool is_sorted(const struct address_entry *entries, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (entries[i - 1].address > entries[i].address)
			return false;
	}
	return true;
}

// One pass of a stable radix sort; false when all share the digit.
static bool scatter(const struct address_entry *from, struct address_entry *to,
		    size_t count, unsigned shift)
{
	uint32_t places[DIGIT_VALUES] = { 0 }, place = 0;

	for (size_t i = 0; i < count; i++)
		places[from[i].address >> shift & (DIGIT_VALUES - 1)]++;
	if (places[from[0].address >> shift & (DIGIT_VALUES - 1)] == count)
		return false;
	for (size_t v = 0; v < DIGIT_VALUES; v++) {
		uint32_t here = places[v];

		places[v] = place;
		place += here;
	}
	for (size_t i = 0; i < count; i++)
		to[places[from[i].address >> shift & (DIGIT_VALUES - 1)]++] = from[i];
	return true;
}

static struct address_entry *sort_take(struct address_entry *entries, size_t count)
{
	struct address_entry *spare, *swap;

	if (is_sorted(entries, count))
		return entries;
	spare = table_zeroed(count, sizeof(*spare));
	for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
		if (!scatter(entries, spare, count, shift))
			continue;
		swap = entries;
		entries = spare;
		spare = swap;
	}
	free(spare);
	return entries;
}

static bool starts_region(const struct address_entry *entries, size_t i, uint64_t start)
{
	return i == 0 || entries[i].address - entries[i - 1].address > WIDEST_GAP ||
	       entries[i].address - start >= UINT32_MAX;
}

static void add_region(struct address_index *index, uint64_t start, uint32_t first)
{
	index->regions = table_reserve(index->regions, &index->region_capacity,
				       index->region_count + 1, sizeof(*index->regions));
	index->regions[index->region_count++] =
		(struct address_region){ .start = start, .limit = start, .first = first };
}

static void split(struct address_index *index, const struct address_entry *entries)
{
	for (size_t i = 0; i < index->count; i++) {
		struct address_region *last =
			index->region_count == 0
				? NULL
				: &index->regions[index->region_count - 1];

		if (last == NULL || starts_region(entries, i, last->start)) {
			add_region(index, entries[i].address, (uint32_t)i);
			last = &index->regions[index->region_count - 1];
		}
		last->limit = entries[i].address + 1;
		index->places[i] = (uint32_t)(entries[i].address - last->start);
		for (unsigned b = 0; b < sizeof(index->records[i]); b++)
			index->records[i][b] = (uint8_t)(entries[i].record >> 8 * b);
	}
}

static size_t region_buckets(const struct address_index *index,
			     const struct address_region *region)
{
	return ((region->limit - 1 - region->start) >> index->bucket_shift) + 1;
}

static void choose_bucket_size(struct address_index *index)
{
	uint64_t span = 0;

	for (size_t i = 0; i < index->region_count; i++)
		span += index->regions[i].limit - index->regions[i].start;
	index->bucket_shift = SMALLEST_BUCKET_SHIFT;
	while (span >> index->bucket_shift > index->count / OBJECTS_PER_BUCKET + 1)
		index->bucket_shift++;
	for (size_t i = 0; i < index->region_count; i++) {
		index->regions[i].first_bucket = (uint32_t)index->bucket_count;
		index->bucket_count += region_buckets(index, &index->regions[i]);
	}
}

static uint32_t region_end(const struct address_index *index, size_t region)
{
	return region + 1 < index->region_count ? index->regions[region + 1].first
						: (uint32_t)index->count;
}

static void fill_buckets(struct address_index *index)
{
	index->buckets = table_zeroed(index->bucket_count + 1, sizeof(*index->buckets));
	for (size_t r = 0; r < index->region_count; r++) {
		const struct address_region *region = &index->regions[r];
		uint32_t object = region->first, end = region_end(index, r);

		for (size_t b = 0; b < region_buckets(index, region); b++) {
			while (object < end && (uint64_t)index->places[object] <
						       (uint64_t)b << index->bucket_shift)
				object++;
			index->buckets[region->first_bucket + b] = object;
		}
	}
	index->buckets[index->bucket_count] = (uint32_t)index->count;
}

void address_index_build_take(struct address_index *index, struct address_entry *entries,
			      size_t count)
{
	*index = (struct address_index){ .count = count };
	if (count == 0) {
		free(entries);
		return;
	}
	entries = sort_take(entries, count);
	index->places = table_zeroed(count, sizeof(*index->places));
	index->records = table_zeroed(count, sizeof(*index->records));
	split(index, entries);
	free(entries);
	choose_bucket_size(index);
	fill_buckets(index);
}

void address_index_deinit(struct address_index *index)
{
	free(index->places);
	free(index->records);
	free(index->regions);
	free(index->buckets);
	*index = (struct address_index){ 0 };
}

// The last region that starts at or before the address.
static size_t region_of_address(const struct address_index *index, uint64_t address)
{
	size_t low = 0, high = index->region_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (index->regions[middle].start <= address)
			low = middle;
		else
			high = middle;
	}
	return low;
}

uint64_t address_index_address(const struct address_index *index, uint32_t object)
{
	size_t low = 0, high = index->region_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (index->regions[middle].first <= object)
			low = middle;
		else
			high = middle;
	}
	return index->regions[low].start + index->places[object];
}

uint32_t address_index_find(const struct address_index *index, uint64_t address,
			    uint64_t *start)
{
	const struct address_region *region;
	uint32_t low, high;
	uint64_t place;
	size_t r, bucket;

	if (index->count == 0 || address < index->regions[0].start)
		return ADDRESS_NONE;
	r = region_of_address(index, address);
	region = &index->regions[r];
	place = address - region->start;
	// Behind the region's last start the answer is its last object, however far.
	bucket = address >= region->limit ? region_buckets(index, region) - 1
					  : place >> index->bucket_shift;
	low = index->buckets[region->first_bucket + bucket];
	high = bucket + 1 < region_buckets(index, region)
		       ? index->buckets[region->first_bucket + bucket + 1]
		       : region_end(index, r);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (index->places[middle] <= place)
			low = middle + 1;
		else
			high = middle;
	}
	*start = region->start + index->places[low - 1];
	return low - 1;
}
