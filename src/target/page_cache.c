// Pages of 4 KiB by number, read one at a time.
#include "target/page_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
	PAGE_SIZE = 4096,
	PAGES_LIMIT = 1 << 15, // 128 MiB, then it starts over
};

// The bytes of a page, NULL where it cannot be read.
static const uint8_t *page_at(struct page_cache *cache, uint64_t number)
{
	uint32_t slot = map_get(&cache->pages, number);

	if (slot != MAP_NONE)
		return cache->bytes + (size_t)slot * PAGE_SIZE;
	if (cache->count >= PAGES_LIMIT)
		page_cache_clear(cache);
	cache->bytes = table_reserve(cache->bytes, &cache->capacity, cache->count + 1,
				     PAGE_SIZE);

	uint8_t *page = cache->bytes + cache->count * PAGE_SIZE;

	if (!memory_read(cache->inner, number * PAGE_SIZE, page, PAGE_SIZE))
		return NULL;
	*map_put(&cache->pages, number) = (uint32_t)cache->count++;
	return page;
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
	*cache = (struct page_cache){ .memory = { cache_read }, .inner = inner };
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
