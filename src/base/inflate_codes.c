// Canonical codes, bits reversed as the input has them. Where two short literals fit into
// one look, both come of it.
#include "base/inflate_codes.h"

// A code's symbols and what a symbol means, apart from the length of its code.
struct alphabet {
	const uint32_t *meanings; // entries whose bits are the extra ones alone
	unsigned look_bits;
	bool may_be_partial;
};

#define ENTRY(kind, value, extra) \
	((uint32_t)(value) << 16 | (uint32_t)(kind) << 14 | (uint32_t)(extra))
#define BASE(value, extra) ENTRY(INFLATE_BASE, value, extra)
#define INVALID            ENTRY(INFLATE_INVALID, 0, 0)

// Symbols 256 and up; below are the literals.
static const uint32_t length_meanings[INFLATE_LITERALS - 256] = {
	ENTRY(INFLATE_END, 0, 0),
	BASE(3, 0),
	BASE(4, 0),
	BASE(5, 0),
	BASE(6, 0),
	BASE(7, 0),
	BASE(8, 0),
	BASE(9, 0),
	BASE(10, 0),
	BASE(11, 1),
	BASE(13, 1),
	BASE(15, 1),
	BASE(17, 1),
	BASE(19, 2),
	BASE(23, 2),
	BASE(27, 2),
	BASE(31, 2),
	BASE(35, 3),
	BASE(43, 3),
	BASE(51, 3),
	BASE(59, 3),
	BASE(67, 4),
	BASE(83, 4),
	BASE(99, 4),
	BASE(115, 4),
	BASE(131, 5),
	BASE(163, 5),
	BASE(195, 5),
	BASE(227, 5),
	BASE(258, 0),
	INVALID,
	INVALID,
};

static const uint32_t distance_meanings[INFLATE_DISTANCES] = {
	BASE(1, 0),     BASE(2, 0),     BASE(3, 0),      BASE(4, 0),      BASE(5, 1),
	BASE(7, 1),     BASE(9, 2),     BASE(13, 2),     BASE(17, 3),     BASE(25, 3),
	BASE(33, 4),    BASE(49, 4),    BASE(65, 5),     BASE(97, 5),     BASE(129, 6),
	BASE(193, 6),   BASE(257, 7),   BASE(385, 7),    BASE(513, 8),    BASE(769, 8),
	BASE(1025, 9),  BASE(1537, 9),  BASE(2049, 10),  BASE(3073, 10),  BASE(4097, 11),
	BASE(6145, 11), BASE(8193, 12), BASE(12289, 12), BASE(16385, 13), BASE(24577, 13),
	INVALID,        INVALID,
};

enum code_set { LITERAL_SET, DISTANCE_SET, LENGTH_SET };

static uint32_t meaning_of(enum code_set set, size_t symbol)
{
	switch (set) {
	case LITERAL_SET:
		return symbol < 256 ? (uint32_t)symbol << 16 | 1 << 12
				    : length_meanings[symbol - 256];
	case DISTANCE_SET:
		return distance_meanings[symbol];
	case LENGTH_SET:
		break;
	}
	return (uint32_t)symbol << 16;
}

// With the bits of the code, of which `looked` were seen by the look before.
static uint32_t entry_of(enum code_set set, size_t symbol, unsigned length,
			 unsigned looked)
{
	return meaning_of(set, symbol) + (length - looked) + ((length - looked) << 8);
}

static uint32_t reverse(uint32_t code, unsigned length)
{
	uint32_t reversed = 0;

	for (; length > 0; length--, code >>= 1)
		reversed = reversed << 1 | (code & 1);
	return reversed;
}

// The first code of each length. False where they are too many, or too few.
static bool number_codes(const uint8_t *lengths, size_t count, uint32_t *first,
			 enum code_set set)
{
	uint32_t counts[INFLATE_CODE_MAX + 1] = { 0 };
	uint32_t code = 0, used;

	for (size_t i = 0; i < count; i++)
		counts[lengths[i]]++;
	used = (uint32_t)count - counts[0];
	counts[0] = 0;
	for (unsigned length = 1; length <= INFLATE_CODE_MAX; length++) {
		code = (code + counts[length - 1]) << 1;
		first[length] = code;
		if (code + counts[length] > 1u << length)
			return false;
	}
	if (code + counts[INFLATE_CODE_MAX] == 1u << INFLATE_CODE_MAX)
		return true;
	return set == DISTANCE_SET && (used == 0 || (used == 1 && counts[1] == 1));
}

static void fill(uint32_t *entries, size_t size, size_t from, unsigned length,
		 uint32_t entry)
{
	for (size_t i = from; i < size; i += (size_t)1 << length)
		entries[i] = entry;
}

// A code that is longer than one look.
static size_t add_long_code(uint32_t *entries, unsigned look_bits, size_t used,
			    uint32_t code, unsigned length, uint32_t entry)
{
	unsigned more_bits = INFLATE_CODE_MAX - look_bits;
	uint32_t *first = &entries[code & ((1u << look_bits) - 1)];
	size_t size = (size_t)1 << more_bits;

	if (inflate_kind(*first) != INFLATE_LONGER) {
		*first = ENTRY(INFLATE_LONGER, used, look_bits) | look_bits << 8;
		used += size;
	}
	fill(entries + inflate_value(*first), size, code >> look_bits, length - look_bits,
	     entry);
	return used;
}

static bool make_entries(const uint8_t *lengths, size_t count, enum code_set set,
			 unsigned look_bits, uint32_t *entries)
{
	uint32_t next[INFLATE_CODE_MAX + 1];
	size_t size = (size_t)1 << look_bits, used = size;

	if (!number_codes(lengths, count, next, set))
		return false;
	for (size_t i = 0; i < size; i++)
		entries[i] = INVALID;
	for (size_t symbol = 0; symbol < count; symbol++) {
		unsigned length = lengths[symbol];
		uint32_t code;

		if (length == 0)
			continue;
		code = reverse(next[length]++, length);
		if (length <= look_bits)
			fill(entries, size, code, length,
			     entry_of(set, symbol, length, 0));
		else
			used = add_long_code(entries, look_bits, used, code, length,
					     entry_of(set, symbol, length, look_bits));
	}
	return true;
}

// From the end: what a literal's entry is joined with stands at a lower index or is the
// literal itself, so it is still as it was made.
static void join_literals(uint32_t *entries)
{
	for (size_t i = 1 << INFLATE_LITERAL_BITS; i-- > 0;) {
		uint32_t first = entries[i], second;
		unsigned bits;

		if (inflate_literal_count(first) != 1)
			continue;
		second = entries[i >> inflate_bits(first)];
		bits = inflate_bits(first) + inflate_bits(second);
		if (inflate_literal_count(second) != 1 || bits > INFLATE_LITERAL_BITS)
			continue;
		entries[i] = (inflate_value(second) << 24) | (first & 0xff0000) |
			     2 << 12 | bits;
	}
}

bool inflate_literal_codes(const uint8_t *lengths, size_t count, uint32_t *entries)
{
	if (!make_entries(lengths, count, LITERAL_SET, INFLATE_LITERAL_BITS, entries))
		return false;
	join_literals(entries);
	return true;
}

bool inflate_distance_codes(const uint8_t *lengths, size_t count, uint32_t *entries)
{
	return make_entries(lengths, count, DISTANCE_SET, INFLATE_DISTANCE_BITS, entries);
}

bool inflate_length_codes(const uint8_t *lengths, uint32_t *entries)
{
	return make_entries(lengths, INFLATE_LENGTHS, LENGTH_SET, INFLATE_LENGTH_BITS,
			    entries);
}
