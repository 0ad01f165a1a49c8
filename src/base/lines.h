// Text line by line, of any length.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

// Starts as { .rest = text }. `line` is the current one without its end ("\n" or "\r\n");
// lines are numbered from 1.
struct lines {
	struct str rest, line;
	size_t number;
};

// Moves to the next line; false behind the last one, and then the line is "".
static inline bool lines_next(struct lines *lines)
{
	struct str rest = lines->rest;
	const char *end;

	lines->line = STR("");
	if (rest.n == 0)
		return false;
	end = memchr(rest.p, '\n', rest.n);
	lines->line = end == NULL ? rest : (struct str){ rest.p, (size_t)(end - rest.p) };
	lines->rest = str_after(rest, lines->line.n + (end != NULL));
	if (lines->line.n > 0 && lines->line.p[lines->line.n - 1] == '\r')
		lines->line.n--;
	lines->number++;
	return true;
}
