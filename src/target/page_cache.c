// Pages of 4 KiB by number.
#include "target/page_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
	PAGE_SIZE = 4096,
	PAGES_LIMIT = 1 << 15, // 128 MiB, then it starts over
	AHEAD = 16,
};

// Reads pages behind those that are there; room has been made.
static bool read_pages(struct page_cache *cache, uint64_t first, size_t count)
{
	if (!memory_read(cache->inner, first * PAGE_SIZE,
			 cache->bytes + cache->count * PAGE_SIZE, count * PAGE_SIZE))
		return false;
	for (size_t i = 0; i < count; i++) {
		uint32_t *slot = map_put(&cache->pages, first + i);

		if (*slot == MAP_NONE)
			*slot = (uint32_t)(cache->count + i);
	}
	cache->count += count;
	return true;
}

// The bytes of a page, NULL where it cannot be read.
static const uint8_t *page_at(struct page_cache *cache, uint64_t number)
{
	uint32_t slot = map_get(&cache->pages, number);
	size_t n = cache->at_once;

	if (slot != MAP_NONE)
		return cache->bytes + (size_t)slot * PAGE_SIZE;
	if (cache->count + n > PAGES_LIMIT)
		page_cache_clear(cache);
	cache->bytes = table_reserve(cache->bytes, &cache->capacity, cache->count + n,
				     PAGE_SIZE);
	if (!(n > 1 && read_pages(cache, number / n * n, n)) &&
	    !read_pages(cache, number, 1))
		return NULL;
	return cache->bytes + (size_t)map_get(&cache->pages, number) * PAGE_SIZE;
}

static bool cache_read(const struct memory *memory, uint64_t address, void *buffer,
		       size_t size)
{
	// The seam promises not to change the memory, which is kept: the cache is beside.
	struct page_cache *cache = (struct page_cache *)(uintptr_t)memory;
	uint8_t *to = buffer;

	while (size > 0) {
		size_t skip = address % PAGE_SIZE;
		size_t n = PAGE_SIZE - skip < size ? PAGE_SIZE - skip : size;
		const uint8_t *page = page_at(cache, address / PAGE_SIZE);

		if (page == NULL)
			return memory_read(cache->inner, address, to, size);
		memcpy(to, page + skip, n);
		to += n;
		address += n;
		size -= n;
	}
	return true;
}

void page_cache_init(struct page_cache *cache, const struct memory *inner)
{
	*cache = (struct page_cache){ .memory = { cache_read },
				      .inner = inner,
				      .at_once = 1 };
}

void page_cache_init_ahead(struct page_cache *cache, const struct memory *inner)
{
	page_cache_init(cache, inner);
	cache->at_once = AHEAD;
}

void page_cache_clear(struct page_cache *cache)
{
	map_deinit(&cache->pages);
	cache->pages = (struct map){ 0 };
	cache->count = 0;
}

void page_cache_deinit(struct page_cache *cache)
{
	map_deinit(&cache->pages);
	free(cache->bytes);
	*cache = (struct page_cache){ 0 };
}
