// Prefix codes of limited length, as deflate uses them.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { HUFFMAN_SYMBOLS_MAX = 288, HUFFMAN_LENGTH_MAX = 15 };

// The bits as they are written, least significant first. A symbol without a code has
// length 0.
struct huffman_code {
	uint16_t bits;
	uint8_t length;
};

// Codes of at most `limit` bits for symbols by how often they occur; counts that are 0
// get no code. Two symbols at least get one, since readers refuse codes that are not
// complete: of too few, the first ones are taken.
void huffman_make(const uint32_t *counts, size_t symbol_count, unsigned limit,
		  struct huffman_code *codes);
