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

TEST(page_cache_reads_ahead_where_it_can)
{
	static uint8_t bytes[SIZE];
	static const uint64_t last = BASE + SIZE - 8;
	unsigned reads = 0;
	struct counting inner = { { count_read }, bytes, &reads };
	struct page_cache cache;
	uint64_t value;

	// What lies around is not all there: the one page is read.
	page_cache_init_ahead(&cache, &inner.memory);
	bytes[SIZE - 8] = 9;
	CHECK(memory_read_u64(&cache.memory, last, &value) && value == 9);
	CHECK(reads == 2);
	page_cache_deinit(&cache);
}

static bool read_numbers(const struct memory *memory, uint64_t address, void *buffer,
			 size_t size)
{
	static unsigned reads;

	(void)memory;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)buffer)[i] = (uint8_t)((address + i) / 4096);
	// Pages come along once; the number of calls shows in the last byte of each.
	((uint8_t *)buffer)[size - 1] = (uint8_t)++reads;
	return true;
}

TEST(page_cache_reads_pages_ahead_in_one_call)
{
	struct memory inner = { read_numbers };
	struct page_cache cache;
	uint8_t byte;

	page_cache_init_ahead(&cache, &inner);
	for (unsigned page = 16; page-- > 0;) {
		CHECK(memory_read(&cache.memory, BASE + 4096 * page, &byte, 1));
		CHECK_INT(byte, 16 + page);
	}
	CHECK(memory_read(&cache.memory, BASE + 16 * 4096 - 1, &byte, 1));
	CHECK_INT(byte, 1);
	page_cache_deinit(&cache);
}
