// Round trips through an inflater that is not ours, of bytes of many kinds.
#include "base/gzip.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/huffman.h"
#include "base/inflate.h"
#include "base/pieces.h"
#include "base/writer.h"
#include "test.h"

static void print_bytes(const void *context, size_t from, size_t to, struct writer *w)
{
	writer_bytes(w, (const char *)context + from, to - from);
}

// The size of its gzip, or 0 when it does not come back as it was.
static size_t round_trip(const uint8_t *bytes, size_t size, size_t piece)
{
	struct pieces pieces = { size, piece, print_bytes, bytes };
	struct writer packed = writer_to_memory();
	CLEANUP_FREE uint8_t *back = NULL;
	size_t back_size = 0, packed_size;
	struct error err;
	bool is_same;

	gzip_write(&pieces, &packed);
	is_same = inflate_gzip(writer_contents(&packed), &back, &back_size, &err) &&
		  back_size == size && (size == 0 || memcmp(back, bytes, size) == 0);
	packed_size = packed.used;
	writer_deinit(&packed);
	return is_same ? packed_size : 0;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

TEST(gzip_of_small_sizes)
{
	uint8_t bytes[600];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i >> 5);
	for (size_t size = 0; size <= sizeof(bytes); size++)
		CHECK(round_trip(bytes, size, 100) > 0);
}

TEST(gzip_of_random_bytes_hardly_grows)
{
	enum { SIZE = 300000 };
	CLEANUP_FREE uint8_t *bytes = malloc(SIZE);
	uint32_t state = 1;
	size_t packed;

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)next_random(&state);
	packed = round_trip(bytes, SIZE, 100000);
	CHECK(packed > 0 && packed < SIZE + SIZE / 100);
}

TEST(gzip_of_equal_bytes_is_small)
{
	enum { SIZE = 1 << 20 };
	CLEANUP_FREE uint8_t *zeros = calloc(1, SIZE);
	size_t packed = round_trip(zeros, SIZE, SIZE / 4);

	CHECK(packed > 0 && packed < SIZE / 100);
}

// Letters of very unequal frequency, with copies from near and from as far as can be.
TEST(gzip_of_skewed_bytes_and_copies)
{
	enum { SIZE = 400000 };
	CLEANUP_FREE uint8_t *bytes = malloc(SIZE);
	uint32_t state = 7;
	size_t packed;

	for (size_t i = 0; i < SIZE; i++) {
		size_t length = 3 + next_random(&state) % 400;
		size_t distance = 1 + next_random(&state) % 33000;

		if (next_random(&state) % 8 != 0 || distance > i || i + length > SIZE) {
			bytes[i] = (uint8_t)__builtin_ctz(next_random(&state) | 1 << 20);
			continue;
		}
		for (size_t end = i + length; i < end; i++)
			bytes[i] = bytes[i - distance];
		i--;
	}
	packed = round_trip(bytes, SIZE, 150000);
	CHECK(packed > 0 && packed < SIZE / 4);
}

// Fibonacci's numbers make the longest codes there are.
TEST(huffman_keeps_to_its_limit_and_is_complete)
{
	uint32_t counts[40] = { 1, 1 };
	struct huffman_code codes[40];

	for (size_t i = 2; i < 40; i++)
		counts[i] = counts[i - 1] + counts[i - 2];
	for (unsigned limit = 6; limit <= HUFFMAN_LENGTH_MAX; limit++) {
		uint32_t sum = 0;

		huffman_make(counts, 40, limit, codes);
		for (size_t i = 0; i < 40; i++) {
			CHECK(codes[i].length > 0 && codes[i].length <= limit);
			sum += 1u << (limit - codes[i].length);
		}
		CHECK_INT(sum, 1u << limit);
		CHECK(codes[39].length <= codes[0].length);
	}
}

TEST(huffman_gives_two_symbols_a_code_at_least)
{
	uint32_t none[4] = { 0 }, last[4] = { 0, 0, 0, 5 };
	struct huffman_code codes[4];

	huffman_make(none, 4, 7, codes);
	CHECK(codes[0].length == 1 && codes[1].length == 1 && codes[2].length == 0);
	huffman_make(last, 4, 7, codes);
	CHECK(codes[0].length == 1 && codes[3].length == 1 && codes[1].length == 0);
}
