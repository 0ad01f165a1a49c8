// Long outputs made in pieces by several threads, and written in order.
#pragma once

#include <stddef.h>

struct writer;

// The rows [0, row_count) of an output, piece_rows at a time. `print` is called from
// several threads at once, each time with rows and a writer of its own.
struct pieces {
	size_t row_count, piece_rows;
	void (*print)(const void *context, size_t from, size_t to, struct writer *w);
	const void *context;
};

// Writes the same bytes as print(context, 0, row_count, w), faster where there are
// processors. Memory: a few pieces at a time.
void pieces_write(const struct pieces *pieces, struct writer *w);
