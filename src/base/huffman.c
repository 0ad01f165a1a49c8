// Moffat and Katajainen's lengths in place, cut to the limit, then canonical codes.
#include "base/huffman.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// A symbol that occurs, which becomes an inner node while lengths are found.
struct leaf {
	uint32_t count; // then: the parent's index, then: the depth
	uint16_t symbol;
};

static int compare_leaves(const void *left, const void *right)
{
	const struct leaf *a = left, *b = right;

	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return a->symbol < b->symbol ? -1 : 1;
}

static size_t list_leaves(const uint32_t *counts, size_t symbol_count,
			  struct leaf *leaves)
{
	size_t count = 0;

	for (size_t i = 0; i < symbol_count; i++) {
		if (counts[i] != 0)
			leaves[count++] = (struct leaf){ counts[i], (uint16_t)i };
	}
	for (size_t i = 0; count < 2; i++) {
		if (counts[i] == 0)
			leaves[count++] = (struct leaf){ 1, (uint16_t)i };
	}
	qsort(leaves, count, sizeof(*leaves), compare_leaves);
	return count;
}

// The lighter of the next leaf and the next inner node.
static uint32_t take_lighter(struct leaf *leaves, size_t count, size_t *leaf,
			     size_t *inner, size_t next)
{
	uint32_t weight;

	if (*leaf < count &&
	    (*inner >= next || leaves[*leaf].count < leaves[*inner].count))
		return leaves[(*leaf)++].count;
	weight = leaves[*inner].count;
	leaves[(*inner)++].count = (uint32_t)next;
	return weight;
}

// Joins the two lightest again and again; afterwards each inner node, of which there is
// one less than leaves, knows its parent.
static void join_leaves(struct leaf *leaves, size_t count)
{
	size_t leaf = 0, inner = 0;

	for (size_t next = 0; next + 1 < count; next++) {
		uint32_t weight = take_lighter(leaves, count, &leaf, &inner, next);

		weight += take_lighter(leaves, count, &leaf, &inner, next);
		leaves[next].count = weight;
	}
}

// How many codes have each length, those beyond the limit cut to it.
static void count_lengths(struct leaf *leaves, size_t count, unsigned limit,
			  uint32_t *lengths)
{
	uint32_t open = 1, inner = (uint32_t)count - 1; // nodes of this depth; inner ones

	leaves[count - 2].count = 0;
	for (size_t i = count - 2; i-- > 0;)
		leaves[i].count = leaves[leaves[i].count].count + 1;
	for (uint32_t depth = 0; open > 0; depth++) {
		uint32_t here = 0;

		while (inner > 0 && leaves[inner - 1].count == depth) {
			inner--;
			here++;
		}
		lengths[depth < limit ? depth : limit] += open - here;
		open = 2 * here;
	}
}

// Cutting made the code overfull: leaves are hung lower until it is complete again.
static void repair_lengths(uint32_t *lengths, unsigned limit)
{
	uint32_t total = 0;

	for (unsigned i = 1; i <= limit; i++)
		total += lengths[i] << (limit - i);
	for (; total > 1u << limit; total--) {
		unsigned i = limit - 1;

		while (lengths[i] == 0)
			i--;
		lengths[limit]--;
		lengths[i]--;
		lengths[i + 1] += 2;
	}
}

static uint16_t reverse(uint32_t bits, unsigned length)
{
	uint32_t reversed = 0;

	for (unsigned i = 0; i < length; i++)
		reversed |= (bits >> i & 1) << (length - 1 - i);
	return (uint16_t)reversed;
}

static void number_codes(const uint32_t *lengths, size_t symbol_count, unsigned limit,
			 struct huffman_code *codes)
{
	uint32_t next[HUFFMAN_LENGTH_MAX + 1] = { 0 };

	for (unsigned i = 2; i <= limit; i++)
		next[i] = (next[i - 1] + lengths[i - 1]) << 1;
	for (size_t i = 0; i < symbol_count; i++) {
		if (codes[i].length > 0)
			codes[i].bits = reverse(next[codes[i].length]++, codes[i].length);
	}
}

void huffman_make(const uint32_t *counts, size_t symbol_count, unsigned limit,
		  struct huffman_code *codes)
{
	struct leaf leaves[HUFFMAN_SYMBOLS_MAX];
	uint32_t lengths[HUFFMAN_LENGTH_MAX + 1] = { 0 };
	size_t count, next = 0;

	assert(symbol_count >= 2 && symbol_count <= HUFFMAN_SYMBOLS_MAX);
	assert(limit <= HUFFMAN_LENGTH_MAX);
	memset(codes, 0, symbol_count * sizeof(*codes));
	count = list_leaves(counts, symbol_count, leaves);
	join_leaves(leaves, count);
	count_lengths(leaves, count, limit, lengths);
	repair_lengths(lengths, limit);
	for (unsigned length = limit; length > 0; length--) {
		for (uint32_t i = 0; i < lengths[length]; i++)
			codes[leaves[next++].symbol].length = (uint8_t)length;
	}
	number_codes(lengths, symbol_count, limit, codes);
}
