// String views: a pointer and a length, borrowed from whatever owns the bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

// Not NUL-terminated; p may be NULL only when n is 0.
struct str {
	const char *p;
	size_t n;
};

enum { STR_NOT_FOUND = -1 };

// A view of a string literal.
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

static inline struct str str_from(const char *terminated)
{
	return (struct str){ terminated, terminated == NULL ? 0 : strlen(terminated) };
}

static inline bool str_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

// Byte order; a prefix sorts before what it begins.
int str_compare(struct str a, struct str b);

bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);

// Offset of the first (last) occurrence, or STR_NOT_FOUND.
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_find_char(struct str s, char c);
ptrdiff_t str_find_last_char(struct str s, char c);

// The part from `from` up to `to`; both are clamped to the string.
struct str str_slice(struct str s, size_t from, size_t to);
struct str str_after(struct str s, size_t from);

// Without leading and trailing spaces, tabs and line ends.
struct str str_trim(struct str s);

// The text behind the last '/', or all of it.
struct str str_basename(struct str path);

// Cuts the next piece before `separator` from rest; false when rest is used up. An empty
// rest that was never cut yields nothing; "a," yields "a" and "".
bool str_cut(struct str *rest, char separator, struct str *piece);

// Whole-string numbers; base 0 reads 0x, 0o and 0b prefixes. False on anything else,
// overflow included; out is untouched then.
bool str_to_u64(struct str s, int base, uint64_t *out);
bool str_to_i64(struct str s, int base, int64_t *out);
bool str_to_double(struct str s, double *out);

// Copies into the arena; both results are followed by a NUL byte.
struct str str_copy(struct arena *arena, struct str s);
char *str_terminated(struct arena *arena, struct str s);
struct str str_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// A fast, well-mixed hash for tables in memory; never stored in a file.
uint64_t str_hash(struct str s);
