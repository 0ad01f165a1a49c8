// Pages are read once; what spans pages, or has none, is read all the same.
#include "target/page_cache.h"

#include <string.h>

#include "test.h"

enum { BASE = 0x10000, SIZE = 3 * 4096 };

struct counting {
	struct memory memory;
	const uint8_t *bytes;
	unsigned *reads;
};

static bool count_read(const struct memory *memory, uint64_t address, void *buffer,
		       size_t size)
{
	const struct counting *self = (const struct counting *)memory;

	(*self->reads)++;
	if (address < BASE || address - BASE > SIZE || size > SIZE - (address - BASE))
		return false;
	memcpy(buffer, self->bytes + (address - BASE), size);
	return true;
}

TEST(page_cache_reads_a_page_once)
{
	static uint8_t bytes[SIZE];
	unsigned reads = 0;
	struct counting inner = { { count_read }, bytes, &reads };
	struct page_cache cache;
	uint64_t value = 0;

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(i * 7);
	page_cache_init(&cache, &inner.memory);
	for (unsigned i = 0; i < 100; i++)
		CHECK(memory_read_u64(&cache.memory, BASE + i * 8, &value));
	CHECK(reads == 1);
	CHECK(memory_read_u64(&cache.memory, BASE + 4092, &value));
	CHECK(memcmp(&value, bytes + 4092, sizeof(value)) == 0);
	CHECK(reads == 2);
	page_cache_clear(&cache);
	CHECK(memory_read_u64(&cache.memory, BASE, &value));
	CHECK(reads == 3);
	page_cache_deinit(&cache);
}

TEST(page_cache_fails_where_the_memory_does)
{
	static uint8_t bytes[SIZE];
	unsigned reads = 0;
	struct counting inner = { { count_read }, bytes, &reads };
	struct page_cache cache;
	uint64_t value;

	page_cache_init(&cache, &inner.memory);
	CHECK(!memory_read_u64(&cache.memory, 0x1000, &value));
	CHECK(!memory_read_u64(&cache.memory, BASE + SIZE - 4, &value));
	CHECK(memory_read_u64(&cache.memory, BASE + SIZE - 8, &value));
	page_cache_deinit(&cache);
}
