// LZ77 with hash chains. The output is a row of
//	0nnnnnnn  n+1 bytes follow as they are
//	1nnnnnnn  distance (2 bytes, low first): copy n+MATCH_MIN bytes from there
#include "squeeze.h"

#include <string.h>

enum {
	MATCH_MIN = 4,
	MATCH_MAX = MATCH_MIN + 127,
	LITERALS_MAX = 128,
	WINDOW = 1 << 15,
	HASH_BITS = 13,
	CHAIN_MAX = 24, // how many earlier places are tried
};

// Positions are kept plus one, so that 0 says "none".
struct chains {
	uint32_t heads[1 << HASH_BITS];
	uint32_t earlier[WINDOW];
};

struct match {
	size_t length, distance;
};

static inline uint32_t hash_four(const uint8_t *p)
{
	uint32_t four;

	memcpy(&four, p, sizeof(four));
	return four * 2654435761u >> (32 - HASH_BITS);
}

static size_t common_length(const uint8_t *a, const uint8_t *b, size_t limit)
{
	size_t n = 0;

	while (n < limit && a[n] == b[n])
		n++;
	return n;
}

static struct match longest_match(const struct chains *chains, const uint8_t *in,
				  size_t at, size_t size)
{
	struct match best = { 0 };
	size_t limit = size - at < MATCH_MAX ? size - at : MATCH_MAX;
	uint32_t candidate = chains->heads[hash_four(in + at)];

	for (int tries = 0; tries < CHAIN_MAX && candidate > 0; tries++) {
		size_t from = candidate - 1;

		if (at - from >= WINDOW)
			break;
		size_t length = common_length(in + from, in + at, limit);
		if (length > best.length)
			best = (struct match){ length, at - from };
		candidate = chains->earlier[from % WINDOW];
	}
	return best;
}

static inline void remember(struct chains *chains, const uint8_t *in, size_t at)
{
	uint32_t *head = &chains->heads[hash_four(in + at)];

	chains->earlier[at % WINDOW] = *head;
	*head = (uint32_t)at + 1;
}

static size_t put_literals(uint8_t *out, const uint8_t *in, size_t count)
{
	size_t written = 0;

	while (count > 0) {
		size_t run = count < LITERALS_MAX ? count : LITERALS_MAX;

		out[written++] = (uint8_t)(run - 1);
		memcpy(out + written, in, run);
		written += run;
		in += run;
		count -= run;
	}
	return written;
}

size_t squeeze(const uint8_t *in, size_t size, uint8_t *out)
{
	static _Thread_local struct chains chains;
	size_t written = 0, literals = 0, at = 0;

	memset(&chains, 0, sizeof(chains));
	while (at + MATCH_MIN <= size) {
		struct match match = longest_match(&chains, in, at, size);

		if (match.length < MATCH_MIN) {
			remember(&chains, in, at++);
			continue;
		}
		written += put_literals(out + written, in + literals, at - literals);
		out[written++] = (uint8_t)(128 + match.length - MATCH_MIN);
		out[written++] = (uint8_t)(match.distance & 255);
		out[written++] = (uint8_t)(match.distance >> 8);
		for (size_t end = at + match.length; at < end; at++) {
			if (at + MATCH_MIN <= size)
				remember(&chains, in, at);
		}
		literals = at;
	}
	return written + put_literals(out + written, in + literals, size - literals);
}

size_t squeeze_undo(const uint8_t *in, size_t size, uint8_t *out, size_t room)
{
	size_t written = 0, at = 0;

	while (at < size) {
		size_t code = in[at++];

		if (code < 128) {
			size_t run = code + 1;
			if (run > size - at || run > room - written)
				return 0;
			memcpy(out + written, in + at, run);
			written += run;
			at += run;
			continue;
		}
		size_t length = code - 128 + MATCH_MIN;
		if (size - at < 2 || length > room - written)
			return 0;
		size_t distance = in[at] | (size_t)in[at + 1] << 8;
		at += 2;
		if (distance == 0 || distance > written)
			return 0;
		// Byte by byte: a match may overlap what it writes.
		for (; length > 0; length--, written++)
			out[written] = out[written - distance];
	}
	return written;
}
