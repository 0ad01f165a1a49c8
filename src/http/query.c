// Cuts and unescapes parameters.
#include "http/query.h"

#include <string.h>

#include "base/percent.h"

bool http_query_unescape(char *text, size_t *size, enum http_plus plus)
{
	size_t to = 0;

	for (size_t from = 0; from < *size; from++) {
		int byte = (unsigned char)text[from];

		if (byte == '%') {
			byte = percent_byte(text + from, *size - from);
			from += PERCENT_SIZE - 1;
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
