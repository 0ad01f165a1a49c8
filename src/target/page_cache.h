// Remembers pages of another memory: for structures that do not change once they are
// seen, spread over few pages.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/memory.h"

// Borrows the memory it reads from. Reading through it fills it, so one thread at a time.
// What was read once is not read again until page_cache_clear.
struct page_cache {
	struct memory memory;
	const struct memory *inner;
	struct map pages; // page number -> slot
	uint8_t *bytes;
	size_t capacity, count; // in pages
	size_t at_once;         // pages, those around the one that is wanted
};

void page_cache_init(struct page_cache *cache, const struct memory *inner);

// For what will be read from end to end: the pages around come along, if they can be
// read.
void page_cache_init_ahead(struct page_cache *cache, const struct memory *inner);
void page_cache_clear(struct page_cache *cache);
void page_cache_deinit(struct page_cache *cache);
