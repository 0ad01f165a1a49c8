// Search and numbers in string views.
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"

int str_compare(struct str a, struct str b)
{
	size_t shorter = a.n < b.n ? a.n : b.n;
	int order = shorter == 0 ? 0 : memcmp(a.p, b.p, shorter);

	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_starts_with(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_equal(str_slice(s, 0, prefix.n), prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_equal(str_after(s, s.n - suffix.n), suffix);
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	const char *found;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return STR_NOT_FOUND;
	found = memmem(s.p, s.n, needle.p, needle.n);
	return found == NULL ? STR_NOT_FOUND : found - s.p;
}

ptrdiff_t str_find_char(struct str s, char c)
{
	const char *found = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return found == NULL ? STR_NOT_FOUND : found - s.p;
}

ptrdiff_t str_find_last_char(struct str s, char c)
{
	const char *found = s.n == 0 ? NULL : memrchr(s.p, c, s.n);

	return found == NULL ? STR_NOT_FOUND : found - s.p;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct str){ s.p == NULL ? NULL : s.p + from, to - from };
}

struct str str_after(struct str s, size_t from)
{
	return str_slice(s, from, s.n);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = str_after(s, 1);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_basename(struct str path)
{
	return str_after(path, (size_t)(str_find_last_char(path, '/') + 1));
}

bool str_cut(struct str *rest, char separator, struct str *piece)
{
	ptrdiff_t at;

	if (rest->p == NULL)
		return false;
	at = str_find_char(*rest, separator);
	if (at == STR_NOT_FOUND) {
		*piece = *rest;
		*rest = (struct str){ NULL, 0 };
		return true;
	}
	*piece = str_slice(*rest, 0, (size_t)at);
	*rest = str_after(*rest, (size_t)at + 1);
	return true;
}

enum { NUMBER_MAX = 80 };

static bool number_copy(struct str s, char text[static NUMBER_MAX])
{
	if (s.n == 0 || s.n >= NUMBER_MAX || is_blank(s.p[0]))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return strlen(text) == s.n;
}

// strtoull knows 0x and octal by a leading 0; 0o and 0b are Go's.
static const char *strip_base(const char *digits, int *base)
{
	if (*base != 0 || digits[0] != '0')
		return digits;
	if (digits[1] == 'o' || digits[1] == 'O')
		*base = 8;
	else if (digits[1] == 'b' || digits[1] == 'B')
		*base = 2;
	return *base == 0 ? digits : digits + 2;
}

bool str_to_u64(struct str s, int base, uint64_t *out)
{
	char text[NUMBER_MAX], *end;
	const char *digits;
	uint64_t value;

	if (!number_copy(s, text) || text[0] == '-' || text[0] == '+')
		return false;
	digits = strip_base(text, &base);
	errno = 0;
	value = strtoull(digits, &end, base);
	if (errno != 0 || *end != '\0' || end == digits)
		return false;
	*out = value;
	return true;
}

bool str_to_i64(struct str s, int base, int64_t *out)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	bool has_sign = negative || (s.n > 0 && s.p[0] == '+');
	uint64_t magnitude;

	if (!str_to_u64(str_after(s, has_sign ? 1 : 0), base, &magnitude))
		return false;
	if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
		return false;
	*out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

bool str_to_double(struct str s, double *out)
{
	char text[NUMBER_MAX], *end;
	double value;

	if (!number_copy(s, text))
		return false;
	errno = 0;
	value = strtod(text, &end);
	if (errno != 0 || *end != '\0')
		return false;
	*out = value;
	return true;
}

uint64_t str_hash(struct str s)
{
	return hash_bytes(s.p, s.n);
}
