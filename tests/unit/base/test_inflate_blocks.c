// Deflate data of every kind of block, cut short, and without room.
#include "base/inflate_blocks.h"

#include <libdeflate.h>

#include "base/cleanup.h"
#include "test.h"

enum { SIZE = 400000, PACKED = 500000 };

static bool go_on(struct inflate_blocks_sink *sink, size_t made)
{
	return made <= sink->size;
}

static bool stop_halfway(struct inflate_blocks_sink *sink, size_t made)
{
	return made < sink->size / 2;
}

// Bytes that compress well in parts and not at all in others, matches near and far.
static void fill(uint8_t *bytes, unsigned seed)
{
	uint32_t random = seed;

	for (size_t i = 0; i < SIZE; i++) {
		random = random * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(random >> 24);
		if (i / 3000 % 4 == 1)
			bytes[i] &= 3;
		else if (i / 3000 % 4 == 2)
			bytes[i] = bytes[i - 1 - random % 2];
		else if (i > 33000 && i / 3000 % 4 == 3)
			bytes[i] = bytes[i - 32768 + seed * 37];
	}
}

static size_t pack(const uint8_t *plain, size_t size, int level, uint8_t *packed)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
	size_t packed_size = libdeflate_deflate_compress(c, plain, size, packed, PACKED);

	libdeflate_free_compressor(c);
	return packed_size;
}

TEST(inflate_blocks_undoes_every_level)
{
	CLEANUP_FREE uint8_t *plain = malloc(SIZE), *packed = malloc(PACKED);
	CLEANUP_FREE uint8_t *back = malloc(SIZE + INFLATE_BLOCKS_SLACK);
	struct inflate_blocks_sink sink = { .room = back,
					    .size = SIZE,
					    .advance = go_on };

	for (int level = 0; level <= 12; level++) {
		size_t size, eaten = 0, made = 0;

		fill(plain, (unsigned)level);
		size = pack(plain, SIZE, level, packed);
		packed[size] = 0x55; // what follows is not touched
		CHECK(inflate_blocks((struct str){ (char *)packed, size + 1 }, &sink,
				     &eaten, &made));
		CHECK_INT(eaten, size);
		CHECK_INT(made, SIZE);
		CHECK(memcmp(back, plain, SIZE) == 0);
	}
}

TEST(inflate_blocks_knows_fixed_codes)
{
	static const uint8_t text[] =
		"abcabcabcabcabcabdabcabcabcabcabceabcabcabcabcabcabcabd"
		"abcabcabcabcabcabdabcabcabc"; // short: no codes of its own
	uint8_t packed[64], back[64 + INFLATE_BLOCKS_SLACK];
	struct inflate_blocks_sink sink = { .room = back,
					    .size = sizeof(text),
					    .advance = go_on };
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	size_t size = libdeflate_deflate_compress(c, text, sizeof(text), packed,
						  sizeof(packed));
	size_t eaten, made;

	libdeflate_free_compressor(c);
	CHECK_INT(packed[0] >> 1 & 3, 1);
	CHECK(inflate_blocks((struct str){ (char *)packed, size }, &sink, &eaten, &made));
	CHECK_INT(made, sizeof(text));
	CHECK(memcmp(back, text, sizeof(text)) == 0);
}

TEST(inflate_blocks_refuses_every_truncation)
{
	CLEANUP_FREE uint8_t *plain = malloc(SIZE), *packed = malloc(PACKED);
	uint8_t back[4000 + INFLATE_BLOCKS_SLACK];
	struct inflate_blocks_sink sink = { .room = back,
					    .size = 4000,
					    .advance = go_on };
	size_t size, eaten, made;

	fill(plain, 1);
	size = pack(plain + 2000, 4000, 6, packed);
	for (size_t cut = 0; cut < size; cut++)
		CHECK(!inflate_blocks((struct str){ (char *)packed, cut }, &sink, &eaten,
				      &made));
}

TEST(inflate_blocks_stays_in_its_room)
{
	CLEANUP_FREE uint8_t *plain = malloc(SIZE), *packed = malloc(PACKED);
	CLEANUP_FREE uint8_t *back = malloc(SIZE + INFLATE_BLOCKS_SLACK);
	struct inflate_blocks_sink small = { .room = back,
					     .size = SIZE - 1,
					     .advance = go_on };
	struct inflate_blocks_sink stopped = { .room = back,
					       .size = SIZE,
					       .advance = stop_halfway };
	size_t size, eaten, made;

	fill(plain, 3);
	size = pack(plain, SIZE, 6, packed);
	CHECK(!inflate_blocks((struct str){ (char *)packed, size }, &small, &eaten,
			      &made));
	CHECK(!inflate_blocks((struct str){ (char *)packed, size }, &stopped, &eaten,
			      &made));
	CHECK(made < SIZE);
}
