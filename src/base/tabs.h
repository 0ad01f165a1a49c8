// Columns aligned by tab characters as Go's text/tabwriter aligns them with minwidth 1,
// tabwidth 8, padding 1: what the legacy texts of Go's profiles go through.
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

struct writer;

// Lines that stand together: a column is as wide as its widest cell in lines that follow
// each other. Zero-initialised is empty. Cells are copied.
struct tabs {
	struct arena arena;
	struct str *cells;
	size_t cell_count, cell_capacity;
	size_t *ends; // of lines, in cells
	size_t line_count, line_capacity;
};

// Adds one line; its last cell ends it and belongs to no column.
void tabs_add(struct tabs *tabs, const struct str *cells, size_t count);

// Writes the lines and forgets them.
void tabs_flush(struct tabs *tabs, struct writer *w);

void tabs_deinit(struct tabs *tabs);
