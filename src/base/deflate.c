// Matches of four bytes and more, found by a hash table of two places each; a block of
// codes made for it for each 64 KiB or so.
#include "base/deflate.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/huffman.h"
#include "base/writer.h"

enum {
	HASH_BITS = 13,
	MATCH_MIN = 4,
	MATCH_MAX = 258,
	DISTANCE_MAX = 32768,
	BLOCK_BYTES = 64 * 1024,
	RUNS_MAX = 16 * 1024,
	SKIP_SHIFT = 5, // after 32 bytes without a match, look at every other, and so on
	END_OF_BLOCK = 256,
	LITERAL_CODES = 286,
	DISTANCE_CODES = 30,
	LENGTH_CODES = 19, // the code in which codes are written
	LENGTH_LIMIT = 7,
};

// Literals, then a match (of length 0 at the end of a block).
struct run {
	uint32_t literals;
	uint16_t length, distance; // a distance of 32768 is 0
};

struct deflate {
	const uint8_t *bytes;
	size_t size;
	uint32_t places[1 << HASH_BITS][2];
	struct run runs[RUNS_MAX];
	size_t run_count;
	uint32_t literal_counts[LITERAL_CODES], distance_counts[DISTANCE_CODES];
	struct huffman_code literals[LITERAL_CODES], distances[DISTANCE_CODES];
	uint64_t bits; // not written yet, bit_count of them
	unsigned bit_count;
	struct writer *out;
};

// A symbol with the bits that tell its values apart.
struct symbol {
	uint32_t code, extra, extra_bits;
};

static unsigned log2_of(uint32_t value)
{
	return 31 - (unsigned)__builtin_clz(value);
}

static inline struct symbol length_symbol(uint32_t length)
{
	uint32_t rest = length - 3;
	unsigned bits;

	if (length == MATCH_MAX)
		return (struct symbol){ 285, 0, 0 };
	if (rest < 8)
		return (struct symbol){ 257 + rest, 0, 0 };
	bits = log2_of(rest) - 2;
	return (struct symbol){ 257 + 4 * (bits + 1) + (rest >> bits & 3),
				rest & ((1u << bits) - 1), bits };
}

static inline struct symbol distance_symbol(uint32_t distance)
{
	uint32_t rest = distance - 1;
	unsigned bits;

	if (rest < 4)
		return (struct symbol){ rest, 0, 0 };
	bits = log2_of(rest) - 1;
	return (struct symbol){ 2 * (bits + 1) + (rest >> bits & 1),
				rest & ((1u << bits) - 1), bits };
}

static uint32_t run_distance(const struct run *run)
{
	return run->distance == 0 ? DISTANCE_MAX : run->distance;
}

// Up to 32 bits.
static inline void put_bits(struct deflate *d, uint32_t bits, unsigned count)
{
	d->bits |= (uint64_t)bits << d->bit_count;
	d->bit_count += count;
	if (d->bit_count >= 32) {
		uint32_t word = (uint32_t)d->bits;

		char *room = writer_room(d->out, sizeof(word));

		if (room != NULL) {
			memcpy(room, &word, sizeof(word));
			writer_advance(d->out, room + sizeof(word));
		} else {
			writer_bytes(d->out, &word, sizeof(word));
		}
		d->bits >>= 32;
		d->bit_count -= 32;
	}
}

static inline void put_code(struct deflate *d, struct huffman_code code)
{
	put_bits(d, code.bits, code.length);
}

static void put_whole_byte(struct deflate *d)
{
	for (d->bit_count = (d->bit_count + 7) & ~7u; d->bit_count > 0;
	     d->bit_count -= 8) {
		writer_char(d->out, (char)d->bits);
		d->bits >>= 8;
	}
}

// Lengths of codes, where equal ones follow each other written as repetitions.
struct length_list {
	struct symbol symbols[LITERAL_CODES + DISTANCE_CODES];
	size_t count;
	uint32_t counts[LENGTH_CODES];
};

static void add_length(struct length_list *list, uint32_t code, uint32_t extra,
		       uint32_t extra_bits)
{
	list->symbols[list->count++] = (struct symbol){ code, extra, extra_bits };
	list->counts[code]++;
}

// 16 repeats the length before 3 to 6 times, 17 and 18 are 3 to 10 and 11 to 138 zeros.
static void add_lengths(struct length_list *list, uint8_t length, uint32_t times)
{
	if (length != 0) {
		add_length(list, length, 0, 0);
		times--;
	}
	while (times >= 3) {
		uint32_t most = length != 0 ? 6 : times > 10 ? 138 : 10;
		uint32_t taken = times < most ? times : most;

		if (length != 0)
			add_length(list, 16, taken - 3, 2);
		else if (taken > 10)
			add_length(list, 18, taken - 11, 7);
		else
			add_length(list, 17, taken - 3, 3);
		times -= taken;
	}
	while (times-- > 0)
		add_length(list, length, 0, 0);
}

static void list_lengths(struct length_list *list, const struct huffman_code *codes,
			 size_t count)
{
	for (size_t from = 0, to; from < count; from = to) {
		to = from + 1;
		while (to < count && codes[to].length == codes[from].length)
			to++;
		add_lengths(list, codes[from].length, (uint32_t)(to - from));
	}
}

static size_t used_codes(const struct huffman_code *codes, size_t count, size_t least)
{
	while (count > least && codes[count - 1].length == 0)
		count--;
	return count;
}

static void put_block_head(struct deflate *d)
{
	static const uint8_t order[LENGTH_CODES] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
						     11, 4,  12, 3, 13, 2, 14, 1, 15 };
	size_t literals = used_codes(d->literals, LITERAL_CODES, 257);
	size_t distances = used_codes(d->distances, DISTANCE_CODES, 1);
	struct huffman_code codes[LENGTH_CODES];
	struct length_list list = { .count = 0 };
	size_t written = LENGTH_CODES;

	list_lengths(&list, d->literals, literals);
	list_lengths(&list, d->distances, distances);
	huffman_make(list.counts, LENGTH_CODES, LENGTH_LIMIT, codes);
	while (written > 4 && codes[order[written - 1]].length == 0)
		written--;
	put_bits(d, 2 << 1, 3); // not the last one; with codes of its own
	put_bits(d, (uint32_t)literals - 257, 5);
	put_bits(d, (uint32_t)distances - 1, 5);
	put_bits(d, (uint32_t)written - 4, 4);
	for (size_t i = 0; i < written; i++)
		put_bits(d, codes[order[i]].length, 3);
	for (size_t i = 0; i < list.count; i++) {
		put_code(d, codes[list.symbols[i].code]);
		put_bits(d, list.symbols[i].extra, list.symbols[i].extra_bits);
	}
}

static void put_match(struct deflate *d, const struct run *run)
{
	struct symbol length = length_symbol(run->length);
	struct symbol distance = distance_symbol(run_distance(run));

	put_code(d, d->literals[length.code]);
	put_bits(d, length.extra, length.extra_bits);
	put_code(d, d->distances[distance.code]);
	put_bits(d, distance.extra, distance.extra_bits);
}

// Three codes at a time, of 15 bits at most, behind less than a byte of earlier ones.
static void put_literals(struct deflate *d, const uint8_t *p, size_t count)
{
	char *room = writer_room(d->out, 2 * count + 2 * sizeof(d->bits));
	size_t i = 0;

	if (room != NULL) {
		uint64_t bits = d->bits;
		unsigned bit_count = d->bit_count;

		for (; i + 3 <= count; i += 3) {
			memcpy(room, &bits, sizeof(bits));
			room += bit_count / 8;
			bits >>= bit_count & ~7u;
			bit_count &= 7;
			for (size_t j = i; j < i + 3; j++) {
				struct huffman_code code = d->literals[p[j]];

				bits |= (uint64_t)code.bits << bit_count;
				bit_count += code.length;
			}
		}
		memcpy(room, &bits, sizeof(bits));
		writer_advance(d->out, room + bit_count / 8);
		d->bits = bits >> (bit_count & ~7u);
		d->bit_count = bit_count & 7;
	}
	for (; i < count; i++)
		put_code(d, d->literals[p[i]]);
}

// Writes the block of bytes from p on and begins the next one.
static void put_block(struct deflate *d, const uint8_t *p)
{
	d->literal_counts[END_OF_BLOCK] = 1;
	huffman_make(d->literal_counts, LITERAL_CODES, HUFFMAN_LENGTH_MAX, d->literals);
	huffman_make(d->distance_counts, DISTANCE_CODES, HUFFMAN_LENGTH_MAX,
		     d->distances);
	put_block_head(d);
	for (size_t i = 0; i < d->run_count; i++) {
		const struct run *run = &d->runs[i];

		put_literals(d, p, run->literals);
		if (run->length > 0)
			put_match(d, run);
		p += run->literals + run->length;
	}
	put_code(d, d->literals[END_OF_BLOCK]);
	d->run_count = 0;
	memset(d->literal_counts, 0, sizeof(d->literal_counts));
	memset(d->distance_counts, 0, sizeof(d->distance_counts));
}

static void add_run(struct deflate *d, const uint8_t *p, size_t literals, uint32_t length,
		    uint32_t distance)
{
	d->runs[d->run_count++] = (struct run){ (uint32_t)literals, (uint16_t)length,
						(uint16_t)(distance % DISTANCE_MAX) };
	for (size_t i = 0; i < literals; i++)
		d->literal_counts[p[i]]++;
	if (length > 0) {
		d->literal_counts[length_symbol(length).code]++;
		d->distance_counts[distance_symbol(distance).code]++;
	}
}

static uint32_t word_at(const uint8_t *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static uint32_t match_length(const uint8_t *a, const uint8_t *b, uint32_t limit)
{
	uint32_t length = MATCH_MIN;

	while (length + 8 <= limit) {
		uint64_t x, y;

		memcpy(&x, a + length, sizeof(x));
		memcpy(&y, b + length, sizeof(y));
		if (x != y)
			return length + (uint32_t)__builtin_ctzll(x ^ y) / 8;
		length += 8;
	}
	while (length < limit && a[length] == b[length])
		length++;
	return length;
}

// The longest of the two matches at `at`, or 0; makes the place known.
static uint32_t find_match(struct deflate *d, size_t at, uint32_t *distance)
{
	uint32_t word = word_at(d->bytes + at);
	uint32_t *places = d->places[word * 0x9e3779b1u >> (32 - HASH_BITS)];
	size_t left = d->size - at;
	uint32_t limit = left < MATCH_MAX ? (uint32_t)left : MATCH_MAX, best = 0;

	for (unsigned i = 0; i < 2; i++) {
		size_t place = places[i];
		uint32_t length;

		if (place >= at || at - place > DISTANCE_MAX ||
		    word_at(d->bytes + place) != word)
			continue;
		length = match_length(d->bytes + at, d->bytes + place, limit);
		if (length > best) {
			best = length;
			*distance = (uint32_t)(at - place);
		}
	}
	places[1] = places[0];
	places[0] = (uint32_t)at;
	return best;
}

static void remember(struct deflate *d, size_t from, size_t to)
{
	for (size_t at = from; at < to && at + MATCH_MIN <= d->size; at++) {
		uint32_t word = word_at(d->bytes + at);
		uint32_t *places = d->places[word * 0x9e3779b1u >> (32 - HASH_BITS)];

		places[1] = places[0];
		places[0] = (uint32_t)at;
	}
}

static void compress(struct deflate *d)
{
	size_t block = 0, begin = 0, at = 0; // the block, its pending literals, the look

	while (at + MATCH_MIN <= d->size) {
		uint32_t distance = 0, length = find_match(d, at, &distance);

		if (length > 0) {
			add_run(d, d->bytes + begin, at - begin, length, distance);
			remember(d, at + 1, at + length);
			begin = at += length;
		} else {
			at += 1 + ((at - begin) >> SKIP_SHIFT);
		}
		if (at - block < BLOCK_BYTES && d->run_count + 1 < RUNS_MAX)
			continue;
		if (at > d->size)
			at = d->size;
		add_run(d, d->bytes + begin, at - begin, 0, 0);
		put_block(d, d->bytes + block);
		block = begin = at;
	}
	if (block < d->size) {
		add_run(d, d->bytes + begin, d->size - begin, 0, 0);
		put_block(d, d->bytes + block);
	}
}

void deflate_piece(struct str bytes, struct writer *w)
{
	struct deflate *d = table_zeroed(1, sizeof(*d));

	d->bytes = (const uint8_t *)bytes.p;
	d->size = bytes.n;
	d->out = w;
	compress(d);
	put_bits(d, 0, 3); // an empty stored block begins on a whole byte
	put_whole_byte(d);
	writer_bytes(w, "\x00\x00\xff\xff", 4);
	free(d);
}

void deflate_end(struct writer *w)
{
	writer_bytes(w, "\x03\x00", 2);
}
