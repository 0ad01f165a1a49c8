// Tables that tell the symbols of deflate's Huffman codes (RFC 1951, section 3.2) from
// the next bits of the input.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	INFLATE_CODE_MAX = 15,
	INFLATE_LITERALS = 288,
	INFLATE_DISTANCES = 32,
	INFLATE_LENGTHS = 19, // the alphabet in which codes are written
	// Bits looked at once; codes that are longer take a second look.
	INFLATE_LITERAL_BITS = 11,
	INFLATE_DISTANCE_BITS = 9,
	INFLATE_LENGTH_BITS = 7,
	// Room for the first look and for a second one behind every half of the longer
	// codes.
	INFLATE_LITERAL_ENTRIES = 2048 + INFLATE_LITERALS / 2 * 16,
	INFLATE_DISTANCE_ENTRIES = 512 + INFLATE_DISTANCES / 2 * 64,
	INFLATE_LENGTH_ENTRIES = 128,
};

enum inflate_kind {
	INFLATE_BASE,    // of a length or distance, to which extra bits are added
	INFLATE_LONGER,  // look again, from entry `value` on
	INFLATE_END,     // of the block
	INFLATE_INVALID, // no code begins like this
};

// One 32-bit word: the bits that the code takes with its extra bits (0-5), those of the
// code alone (8-11), how many literals it stands for, up to two (12-13), else its kind
// (14-15); the literals, first one lowest, or the value (16-31).
static inline unsigned inflate_bits(uint32_t entry)
{
	return entry & 0x3f;
}

static inline unsigned inflate_code_bits(uint32_t entry)
{
	return entry >> 8 & 0xf;
}

static inline unsigned inflate_literal_count(uint32_t entry)
{
	return entry >> 12 & 3;
}

static inline enum inflate_kind inflate_kind(uint32_t entry)
{
	return (enum inflate_kind)(entry >> 14 & 3);
}

static inline uint32_t inflate_value(uint32_t entry)
{
	return entry >> 16;
}

// Each fills a table from the lengths of `count` codes, 0 where a symbol has none. False
// where the lengths make no whole code; only that of distances may have a code or none.
bool inflate_literal_codes(const uint8_t *lengths, size_t count, uint32_t *entries)
	__attribute__((warn_unused_result));
bool inflate_distance_codes(const uint8_t *lengths, size_t count, uint32_t *entries)
	__attribute__((warn_unused_result));
bool inflate_length_codes(const uint8_t *lengths, uint32_t *entries)
	__attribute__((warn_unused_result));
