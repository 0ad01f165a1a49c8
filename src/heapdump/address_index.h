// Objects by address: which one an address lies in, where the file describes it. Nine
// bytes an object and a table of a fraction of a byte.
#pragma once

#include <stddef.h>
#include <stdint.h>

// "No object".
#define ADDRESS_NONE UINT32_MAX

// An object while its dump is read: where it was, where its record is in the file.
struct address_entry {
	uint64_t address, record;
};

struct address_region;

// Objects are numbered by ascending address. Zero-initialised is empty and valid.
struct address_index {
	size_t count;
	uint32_t *places;               // by object: address - start of its region
	uint8_t (*records)[5];          // by object: offset in the file, little-endian
	struct address_region *regions; // runs of addresses without wide gaps
	size_t region_count, region_capacity;
	uint32_t *buckets; // by address: the first object at or behind a bucket's start
	size_t bucket_count;
	unsigned bucket_shift;
};

// Takes the entries over: sorts them and frees them. At most ADDRESS_NONE - 1 of them;
// records are below 2^40.
void address_index_build_take(struct address_index *index, struct address_entry *entries,
			      size_t count);
void address_index_deinit(struct address_index *index);

uint64_t address_index_address(const struct address_index *index, uint32_t object);

static inline uint64_t address_index_record(const struct address_index *index,
					    uint32_t object)
{
	const uint8_t *p = index->records[object];

	return p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32;
}

// The object that starts at the address or is the nearest one before it, with its own
// address in *start; ADDRESS_NONE where there is none near.
uint32_t address_index_find(const struct address_index *index, uint64_t address,
			    uint64_t *start);
