// Widths first, then cells with as many tabs as lead to the next column.
#include "base/tabs.h"

#include <stdlib.h>

#include "base/writer.h"

enum { TAB = 8, PADDING = 1 };

static size_t start_of(const struct tabs *tabs, size_t line)
{
	return line == 0 ? 0 : tabs->ends[line - 1];
}

// How many cells of a line are followed by a tab.
static size_t columns_of(const struct tabs *tabs, size_t line)
{
	return tabs->ends[line] - start_of(tabs, line) - 1;
}

// In characters: all bytes but the continuations of UTF-8.
static size_t width_of(struct str cell)
{
	size_t width = 0;

	for (size_t i = 0; i < cell.n; i++)
		width += ((unsigned char)cell.p[i] & 0xc0) != 0x80;
	return width;
}

// The width of a column from `line` on, and where the lines that have it end.
static size_t measure(const struct tabs *tabs, size_t line, size_t column, size_t *limit)
{
	size_t widest = 0;

	for (; line < tabs->line_count && columns_of(tabs, line) > column; line++) {
		size_t width = width_of(tabs->cells[start_of(tabs, line) + column]);

		widest = width > widest ? width : widest;
	}
	*limit = line;
	return (widest + PADDING + TAB - 1) / TAB * TAB;
}

void tabs_add(struct tabs *tabs, const struct str *cells, size_t count)
{
	tabs->cells = table_reserve(tabs->cells, &tabs->cell_capacity,
				    tabs->cell_count + count, sizeof(*cells));
	for (size_t i = 0; i < count; i++)
		tabs->cells[tabs->cell_count++] = str_copy(&tabs->arena, cells[i]);
	tabs->ends = table_reserve(tabs->ends, &tabs->line_capacity, tabs->line_count + 1,
				   sizeof(*tabs->ends));
	tabs->ends[tabs->line_count++] = tabs->cell_count;
}

static void write_line(const struct tabs *tabs, struct writer *w, size_t line,
		       const size_t *widths)
{
	size_t start = start_of(tabs, line), columns = columns_of(tabs, line);

	for (size_t i = 0; i < columns; i++) {
		size_t width = width_of(tabs->cells[start + i]);

		writer_str(w, tabs->cells[start + i]);
		for (size_t at = width / TAB * TAB; at < widths[i]; at += TAB)
			writer_char(w, '\t');
	}
	writer_str(w, tabs->cells[start + columns]);
	writer_char(w, '\n');
}

void tabs_flush(struct tabs *tabs, struct writer *w)
{
	enum { COLUMNS_MAX = 16 };
	size_t widths[COLUMNS_MAX] = { 0 }, limits[COLUMNS_MAX] = { 0 };

	for (size_t line = 0; line < tabs->line_count; line++) {
		size_t columns = columns_of(tabs, line);

		for (size_t i = 0; i < columns && i < COLUMNS_MAX; i++) {
			if (limits[i] <= line)
				widths[i] = measure(tabs, line, i, &limits[i]);
		}
		write_line(tabs, w, line, widths);
	}
	tabs->line_count = tabs->cell_count = 0;
	arena_deinit(&tabs->arena);
	tabs->arena = (struct arena){ 0 };
}

void tabs_deinit(struct tabs *tabs)
{
	free(tabs->cells);
	free(tabs->ends);
	arena_deinit(&tabs->arena);
}
