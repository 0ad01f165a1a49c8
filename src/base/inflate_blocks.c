// A word of the input is kept ahead, so that several symbols are taken between two reads.
#include "base/inflate_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/inflate_codes.h"

enum { WORD_BITS = 64 };

// The input as bits. The loop that takes the time has a copy that lives in registers.
struct bit_reader {
	const uint8_t *p, *end;
	uint64_t bits; // the next ones, `count` of them at least
	unsigned count;
	unsigned missing; // bytes of zeros taken from behind the end
};

struct inflater {
	struct bit_reader in;
	uint8_t *out, *end;
	struct inflate_blocks_sink *sink;
	uint32_t literals[INFLATE_LITERAL_ENTRIES];
	uint32_t distances[INFLATE_DISTANCE_ENTRIES];
};

// At least 56 bits.
static inline void refill(struct bit_reader *in)
{
	uint64_t word;

	if (in->end - in->p >= (ptrdiff_t)sizeof(word)) {
		memcpy(&word, in->p, sizeof(word));
		in->bits |= word << in->count;
		in->p += (WORD_BITS - 1 - in->count) >> 3;
		in->count |= WORD_BITS - 8;
		return;
	}
	for (; in->count < WORD_BITS - 8; in->count += 8) {
		if (in->p < in->end)
			in->bits |= (uint64_t)*in->p++ << in->count;
		else
			in->missing++;
	}
}

static inline void drop(struct bit_reader *in, unsigned count)
{
	in->bits >>= count;
	in->count -= count;
}

static inline uint32_t low_bits(const struct bit_reader *in, unsigned count)
{
	return (uint32_t)in->bits & ((UINT32_C(1) << count) - 1);
}

static inline uint32_t take(struct bit_reader *in, unsigned count)
{
	uint32_t value = low_bits(in, count);

	drop(in, count);
	return value;
}

// The meaning of a code that may take two looks; the first look is dropped if it does.
static inline uint32_t look_again(struct bit_reader *in, const uint32_t *entries,
				  uint32_t entry, unsigned looked)
{
	if (inflate_literal_count(entry) > 0 || inflate_kind(entry) != INFLATE_LONGER)
		return entry;
	drop(in, looked);
	return entries[inflate_value(entry) + low_bits(in, INFLATE_CODE_MAX - looked)];
}

// The value with its extra bits, which stand behind the code.
static inline uint32_t take_value(struct bit_reader *in, uint32_t entry)
{
	uint32_t extra = low_bits(in, inflate_bits(entry)) >> inflate_code_bits(entry);

	drop(in, inflate_bits(entry));
	return inflate_value(entry) + extra;
}

// Copies may overlap what they make: a pattern repeats itself.
static inline void copy_match(uint8_t *out, size_t distance, size_t length)
{
	const uint8_t *from = out - distance, *end = out + length;

	if (distance >= 16) {
		for (; out < end; out += 16, from += 16)
			memcpy(out, from, 16);
	} else if (distance >= 8) {
		for (; out < end; out += 8, from += 8)
			memcpy(out, from, 8);
	} else if (distance == 1) {
		memset(out, *from, length);
	} else {
		while (out < end)
			*out++ = *from++;
	}
}

enum outcome { STEP_DONE, BLOCK_DONE, DAMAGED };

// Symbols until `stop`, which is passed by a match or so, or to the end of the block.
static enum outcome inflate_step(struct inflater *s, const uint8_t *stop)
{
	const uint32_t *literals = s->literals, *distances = s->distances;
	const uint8_t *start = s->sink->room;
	struct bit_reader in = s->in;
	uint8_t *out = s->out;
	enum outcome outcome = STEP_DONE;

	while (out < stop) {
		uint32_t entry, length, distance;

		refill(&in);
		entry = literals[low_bits(&in, INFLATE_LITERAL_BITS)];
		// 33 bits at most; a length takes 20 more.
		for (unsigned i = 0; i < 3 && inflate_literal_count(entry) > 0; i++) {
			uint16_t pair = (uint16_t)inflate_value(entry);

			memcpy(out, &pair, sizeof(pair));
			out += inflate_literal_count(entry);
			drop(&in, inflate_bits(entry));
			entry = literals[low_bits(&in, INFLATE_LITERAL_BITS)];
		}
		if (inflate_literal_count(entry) > 0)
			continue;
		entry = look_again(&in, literals, entry, INFLATE_LITERAL_BITS);
		if (inflate_literal_count(entry) > 0) {
			*out++ = (uint8_t)inflate_value(entry);
			drop(&in, inflate_bits(entry));
			continue;
		}
		if (inflate_kind(entry) != INFLATE_BASE) {
			drop(&in, inflate_bits(entry));
			outcome =
				inflate_kind(entry) == INFLATE_END ? BLOCK_DONE : DAMAGED;
			break;
		}
		length = take_value(&in, entry);
		refill(&in);
		entry = distances[low_bits(&in, INFLATE_DISTANCE_BITS)];
		entry = look_again(&in, distances, entry, INFLATE_DISTANCE_BITS);
		distance = take_value(&in, entry);
		if (inflate_kind(entry) != INFLATE_BASE ||
		    distance > (size_t)(out - start)) {
			outcome = DAMAGED;
			break;
		}
		copy_match(out, distance, length);
		out += length;
	}
	s->in = in;
	s->out = out;
	return outcome;
}

static bool advance(struct inflater *s)
{
	// A word at most is kept ahead.
	s->sink->eaten = (const char *)s->in.p - sizeof(s->in.bits);
	return s->out <= s->end &&
	       s->sink->advance(s->sink, (size_t)(s->out - s->sink->room));
}

static bool inflate_symbols(struct inflater *s)
{
	enum outcome outcome = STEP_DONE;

	while (outcome == STEP_DONE) {
		size_t left = (size_t)(s->end - s->out);
		// One beyond the end: whether the block ends there is still to be seen.
		size_t step = left < INFLATE_BLOCKS_STEP ? left + 1 : INFLATE_BLOCKS_STEP;

		outcome = inflate_step(s, s->out + step);
		if (outcome == DAMAGED || s->in.missing > s->in.count / 8 || !advance(s))
			return false;
	}
	return true;
}

// The lengths of `count` codes, where 16 to 18 are repetitions.
static bool read_lengths(struct bit_reader *in, const uint32_t *entries, uint8_t *lengths,
			 size_t count)
{
	static const uint8_t base[] = { 3, 3, 11 }, extra[] = { 2, 3, 7 };
	size_t done = 0;

	while (done < count) {
		uint32_t entry, symbol;
		size_t times = 1;
		uint8_t length;

		refill(in);
		entry = entries[low_bits(in, INFLATE_LENGTH_BITS)];
		drop(in, inflate_bits(entry));
		symbol = inflate_value(entry);
		if (inflate_kind(entry) != INFLATE_BASE || (symbol == 16 && done == 0))
			return false;
		if (symbol >= 16)
			times = base[symbol - 16] + take(in, extra[symbol - 16]);
		length = symbol < 16    ? (uint8_t)symbol
			 : symbol == 16 ? lengths[done - 1]
					: 0;
		if (times > count - done)
			return false;
		memset(lengths + done, length, times);
		done += times;
	}
	return true;
}

static bool read_codes(struct inflater *s)
{
	static const uint8_t order[INFLATE_LENGTHS] = { 16, 17, 18, 0,  8, 7,  9,
							6,  10, 5,  11, 4, 12, 3,
							13, 2,  14, 1,  15 };
	uint8_t lengths[INFLATE_LITERALS + INFLATE_DISTANCES] = { 0 };
	uint32_t entries[INFLATE_LENGTH_ENTRIES];
	size_t literals, distances, written;

	refill(&s->in);
	literals = 257 + take(&s->in, 5);
	distances = 1 + take(&s->in, 5);
	written = 4 + take(&s->in, 4);
	for (size_t i = 0; i < written; i++) {
		refill(&s->in);
		lengths[order[i]] = (uint8_t)take(&s->in, 3);
	}
	if (literals > 286 || !inflate_length_codes(lengths, entries))
		return false;
	memset(lengths, 0, INFLATE_LENGTHS);
	return read_lengths(&s->in, entries, lengths, literals + distances) &&
	       inflate_literal_codes(lengths, literals, s->literals) &&
	       inflate_distance_codes(lengths + literals, distances, s->distances);
}

static bool set_fixed_codes(struct inflater *s)
{
	uint8_t lengths[INFLATE_LITERALS], distances[INFLATE_DISTANCES];

	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	memset(distances, 5, sizeof(distances));
	return inflate_literal_codes(lengths, INFLATE_LITERALS, s->literals) &&
	       inflate_distance_codes(distances, INFLATE_DISTANCES, s->distances);
}

// The input from the next whole byte on, nothing of it kept ahead.
static bool give_back_bits(struct bit_reader *in)
{
	unsigned ahead = in->count / 8;

	if (in->missing > ahead)
		return false;
	in->p -= ahead - in->missing;
	in->bits = in->count = in->missing = 0;
	return true;
}

static bool copy_stored(struct inflater *s)
{
	struct bit_reader *in = &s->in;
	uint16_t size, inverted;

	if (!give_back_bits(in) || in->end - in->p < 4)
		return false;
	memcpy(&size, in->p, sizeof(size));
	memcpy(&inverted, in->p + 2, sizeof(inverted));
	in->p += 4;
	if ((size ^ inverted) != 0xffff || size > in->end - in->p ||
	    size > s->end - s->out)
		return false;
	memcpy(s->out, in->p, size);
	s->out += size;
	in->p += size;
	return advance(s);
}

static bool inflate_block(struct inflater *s, unsigned kind)
{
	switch (kind) {
	case 0:
		return copy_stored(s);
	case 1:
		return set_fixed_codes(s) && inflate_symbols(s);
	case 2:
		return read_codes(s) && inflate_symbols(s);
	default:
		return false;
	}
}

bool inflate_blocks(struct str bytes, struct inflate_blocks_sink *sink, size_t *eaten,
		    size_t *made)
{
	struct inflater *s = table_zeroed(1, sizeof(*s));
	const uint8_t *start = (const uint8_t *)bytes.p;
	bool is_last = false, is_ok = true;

	s->in = (struct bit_reader){ .p = start, .end = start + bytes.n };
	s->out = sink->room;
	s->end = sink->room + sink->size;
	s->sink = sink;
	while (is_ok && !is_last) {
		refill(&s->in);
		is_last = take(&s->in, 1) != 0;
		is_ok = inflate_block(s, take(&s->in, 2));
	}
	is_ok = is_ok && give_back_bits(&s->in);
	*eaten = (size_t)(s->in.p - start);
	*made = (size_t)(s->out - sink->room);
	free(s);
	return is_ok;
}
