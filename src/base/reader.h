// A bounded cursor over bytes from outside. It remembers its first failure and yields
// zeros from then on, so a parser reads a whole record and tests once.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

// Little-endian input. Loops must test reader_ok or reader_left: zeros never end a loop.
struct reader {
	const uint8_t *start, *p, *end;
	bool failed;
};

static inline struct reader reader_from(const void *bytes, size_t size)
{
	const uint8_t *start = bytes == NULL ? (const uint8_t *)"" : bytes;

	return (struct reader){ start, start, start + size, false };
}

static inline struct reader reader_from_str(struct str s)
{
	return reader_from(s.p, s.n);
}

static inline bool reader_ok(const struct reader *r)
{
	return !r->failed;
}

// Bytes not yet read; 0 after a failure.
static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->p);
}

static inline size_t reader_offset(const struct reader *r)
{
	return (size_t)(r->p - r->start);
}

static inline void reader_fail(struct reader *r)
{
	r->failed = true;
	r->p = r->end;
}

// The next n bytes, or NULL on failure (n of 0 never fails).
static inline const uint8_t *reader_bytes(struct reader *r, uint64_t n)
{
	const uint8_t *p = r->p;

	if (n > reader_left(r)) {
		reader_fail(r);
		return NULL;
	}
	r->p += n;
	return p;
}

static inline void reader_skip(struct reader *r, uint64_t n)
{
	(void)reader_bytes(r, n);
}

// Moves to an offset from the start, forwards or backwards.
static inline void reader_seek(struct reader *r, uint64_t offset)
{
	if (r->failed || offset > (uint64_t)(r->end - r->start))
		reader_fail(r);
	else
		r->p = r->start + offset;
}

// A cursor over the next n bytes alone; it has failed if there are fewer.
static inline struct reader reader_sub(struct reader *r, uint64_t n)
{
	const uint8_t *p = reader_bytes(r, n);
	struct reader sub = reader_from(p, p == NULL ? 0 : n);

	sub.failed = p == NULL && n > 0;
	return sub;
}

static inline uint8_t reader_u8(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 1);

	return p == NULL ? 0 : *p;
}

static inline uint16_t reader_u16(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 2);
	uint16_t value = 0;

	if (p != NULL)
		memcpy(&value, p, sizeof(value));
	return value;
}

static inline uint32_t reader_u32(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 4);
	uint32_t value = 0;

	if (p != NULL)
		memcpy(&value, p, sizeof(value));
	return value;
}

static inline uint64_t reader_u64(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 8);
	uint64_t value = 0;

	if (p != NULL)
		memcpy(&value, p, sizeof(value));
	return value;
}

// ULEB128 and protobuf varints alike: at most ten bytes, excess bits dropped.
static inline uint64_t reader_uleb(struct reader *r)
{
	uint64_t value = 0;

	if (r->p < r->end && *r->p < 0x80)
		return *r->p++;
	for (unsigned shift = 0; r->p < r->end; shift += 7) {
		uint8_t byte = *r->p++;

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
		if (shift >= 63)
			break;
	}
	reader_fail(r);
	return 0;
}

static inline int64_t reader_sleb(struct reader *r)
{
	uint64_t value = 0;

	for (unsigned shift = 0; r->p < r->end && shift < 70; shift += 7) {
		uint8_t byte = *r->p++;

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte >= 0x80)
			continue;
		if ((byte & 0x40) != 0 && shift + 7 < 64)
			value |= ~(uint64_t)0 << (shift + 7);
		return (int64_t)value;
	}
	reader_fail(r);
	return 0;
}

// The bytes up to a NUL, which is consumed; fails when there is none.
static inline struct str reader_cstr(struct reader *r)
{
	const uint8_t *p = r->p;
	const uint8_t *nul = reader_left(r) == 0 ? NULL : memchr(p, 0, reader_left(r));

	if (nul == NULL) {
		reader_fail(r);
		return (struct str){ NULL, 0 };
	}
	r->p = nul + 1;
	return (struct str){ (const char *)p, (size_t)(nul - p) };
}
