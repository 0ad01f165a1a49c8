// The escapes of URLs (RFC 3986, section 2.1). Allocates nothing.
#pragma once

#include <stddef.h>

enum { PERCENT_SIZE = 3 }; // of one escape

static inline int percent_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

// The byte that the "%XX" at `text` stands for; -1 where it is malformed or the `left`
// bytes do not hold it.
static inline int percent_byte(const char *text, size_t left)
{
	int high = left < PERCENT_SIZE ? -1 : percent_digit(text[1]);
	int low = high < 0 ? -1 : percent_digit(text[2]);

	return low < 0 ? -1 : high * 16 + low;
}
