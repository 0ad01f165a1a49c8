// A cursor over one line of text, for patterns of fixed words and numbers.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// What is left of the line. Each function takes what it names from the front and tells
// whether it was there; without it, nothing is taken.
struct scan {
	struct str rest;
};

static inline struct scan scan_from(struct str line)
{
	return (struct scan){ line };
}

static inline char scan_peek(const struct scan *scan)
{
	return scan->rest.n == 0 ? '\0' : scan->rest.p[0];
}

static inline void scan_skip(struct scan *scan, size_t n)
{
	scan->rest = str_after(scan->rest, n);
}

static inline bool scan_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool scan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool scan_is_hex(char c)
{
	return scan_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Any blanks, none included: always true, to stand between others.
static inline bool scan_blanks(struct scan *scan)
{
	size_t n = 0;

	while (n < scan->rest.n && scan_is_blank(scan->rest.p[n]))
		n++;
	scan_skip(scan, n);
	return true;
}

static inline bool scan_text(struct scan *scan, struct str text)
{
	if (!str_starts_with(scan->rest, text))
		return false;
	scan_skip(scan, text.n);
	return true;
}

// Everything up to the next blank, at least one byte.
static inline bool scan_word(struct scan *scan, struct str *out)
{
	size_t n = 0;

	while (n < scan->rest.n && !scan_is_blank(scan->rest.p[n]))
		n++;
	if (n == 0)
		return false;
	*out = str_slice(scan->rest, 0, n);
	scan_skip(scan, n);
	return true;
}

static inline size_t scan_digit_count(struct str s, bool (*is_digit)(char))
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

// A decimal number, with a sign if it is negative; nothing beyond 64 bits.
static inline bool scan_i64(struct scan *scan, int64_t *out)
{
	size_t sign = scan_peek(scan) == '-';
	size_t n = sign + scan_digit_count(str_after(scan->rest, sign), scan_is_digit);

	if (n == sign || !str_to_i64(str_slice(scan->rest, 0, n), 10, out))
		return false;
	scan_skip(scan, n);
	return true;
}

// Hexadecimal digits without a prefix; nothing beyond 64 bits.
static inline bool scan_hex(struct scan *scan, uint64_t *out)
{
	size_t n = scan_digit_count(scan->rest, scan_is_hex);

	if (n == 0 || !str_to_u64(str_slice(scan->rest, 0, n), 16, out))
		return false;
	scan_skip(scan, n);
	return true;
}
