// Cuts and unescapes parameters.
#include "http/query.h"

#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

// The byte that "%XX" stands for, -1: it is malformed.
static int escaped_byte(const char *text, size_t left)
{
	int high = left < 3 ? -1 : hex_digit(text[1]);
	int low = high < 0 ? -1 : hex_digit(text[2]);

	return low < 0 ? -1 : high * 16 + low;
}

bool http_query_unescape(char *text, size_t *size, enum http_plus plus)
{
	size_t to = 0;

	for (size_t from = 0; from < *size; from++) {
		int byte = (unsigned char)text[from];

		if (byte == '%') {
			byte = escaped_byte(text + from, *size - from);
			from += 2;
		} else if (byte == '+' && plus == HTTP_PLUS_IS_BLANK) {
			byte = ' ';
		}
		if (byte <= 0)
			return false;
		text[to++] = (char)byte;
	}
	*size = to;
	return true;
}

bool http_query_next(struct str *rest, struct str *name, struct str *value)
{
	struct str pair;

	while (str_cut(rest, '&', &pair)) {
		if (pair.n == 0)
			continue;
		*value = pair;
		return str_cut(value, '=', name);
	}
	return false;
}

struct str http_query_value(struct str query, struct str name, char *buffer, size_t size)
{
	struct str found, value;

	while (http_query_next(&query, &found, &value)) {
		size_t length = value.n;

		if (!str_equal(found, name))
			continue;
		if (length > size)
			break;
		if (length > 0)
			memcpy(buffer, value.p, length);
		if (!http_query_unescape(buffer, &length, HTTP_PLUS_IS_BLANK))
			break;
		return (struct str){ buffer, length };
	}
	return (struct str){ buffer, 0 };
}

bool http_query_has(struct str query, struct str name)
{
	struct str found, value;

	while (http_query_next(&query, &found, &value)) {
		if (str_equal(found, name))
			return true;
	}
	return false;
}
