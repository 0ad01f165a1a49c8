// The arrays of an unwind table under construction.
#include "unwind/build.h"

#include "base/pages.h"

static bool reserve_range(struct table_builder *b)
{
	struct unwind_range *ranges;

	if (b->range_count < b->range_capacity)
		return true;
	ranges = pages_reserve(b->ranges, &b->range_capacity, b->range_count + 1,
			       sizeof(*ranges));
	if (ranges == NULL)
		b->is_out_of_memory = true;
	else
		b->ranges = ranges;
	return ranges != NULL;
}

static bool reserve_row(struct table_builder *b)
{
	struct unwind_row *rows;

	if (b->row_count < b->row_capacity)
		return true;
	rows = pages_reserve(b->rows, &b->row_capacity, b->row_count + 1, sizeof(*rows));
	if (rows == NULL)
		b->is_out_of_memory = true;
	else
		b->rows = rows;
	return rows != NULL;
}

void build_range(struct table_builder *b, uint64_t start, uint64_t limit,
		 enum range_origin origin, size_t source)
{
	if (start < b->base || start >= limit || limit > b->limit ||
	    source >= (size_t)1 << 30) {
		b->damaged++;
		return;
	}
	if (!reserve_range(b))
		return;
	b->ranges[b->range_count++] = (struct unwind_range){
		.start = (uint32_t)(start - b->base),
		.limit = (uint32_t)(limit - b->base),
		.source = source & 0x3fffffff,
		.origin = (unsigned)origin & 3,
	};
}

static bool is_sorted(const struct unwind_range *ranges, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (ranges[i - 1].start > ranges[i].start)
			return false;
	}
	return true;
}

enum { RADIX_BITS = 11, RADIX_SIZE = 1 << RADIX_BITS };

// One stable pass over a digit of the start address.
static void radix_pass(const struct unwind_range *from, struct unwind_range *to,
		       size_t count, unsigned shift)
{
	uint32_t next[RADIX_SIZE] = { 0 };
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		next[from[i].start >> shift & (RADIX_SIZE - 1)]++;
	for (size_t digit = 0; digit < RADIX_SIZE; digit++) {
		uint32_t in_digit = next[digit];

		next[digit] = sum;
		sum += in_digit;
	}
	for (size_t i = 0; i < count; i++)
		to[next[from[i].start >> shift & (RADIX_SIZE - 1)]++] = from[i];
}

static void swap(size_t *a, size_t *b)
{
	size_t first = *a;

	*a = *b;
	*b = first;
}

static void radix_sort(struct table_builder *b)
{
	size_t capacity = 0;
	struct unwind_range *other =
		pages_reserve(NULL, &capacity, b->range_count, sizeof(*other));

	if (other == NULL) {
		b->is_out_of_memory = true;
		return;
	}
	for (unsigned shift = 0; shift < 32; shift += RADIX_BITS) {
		struct unwind_range *from = b->ranges;

		radix_pass(from, other, b->range_count, shift);
		b->ranges = other;
		other = from;
		swap(&b->range_capacity, &capacity);
	}
	pages_release(other, capacity, sizeof(*other));
}

void build_sort_ranges(struct table_builder *b)
{
	size_t kept = 0;
	uint32_t covered = 0;

	if (!is_sorted(b->ranges, b->range_count))
		radix_sort(b);
	for (size_t i = 0; i < b->range_count; i++) {
		struct unwind_range range = b->ranges[i];

		if (range.limit <= covered)
			continue;
		if (range.start < covered)
			range.start = covered;
		covered = range.limit;
		b->ranges[kept++] = range;
	}
	b->range_count = kept;
}

static bool is_same_rule(const struct unwind_row *a, const struct unwind_row *b)
{
	return a->kind == b->kind && a->cfa == b->cfa && a->fp == b->fp;
}

void build_row(struct table_builder *b, struct unwind_row row)
{
	if (b->row_count > 0 && is_same_rule(&b->rows[b->row_count - 1], &row))
		return;
	if (reserve_row(b))
		b->rows[b->row_count++] = row;
}

// Row 0 holds at 0, so that there always is a row before the first of a page.
static void fill_index(struct unwind_table *table, size_t pages)
{
	size_t row = 1;

	for (size_t page = 0; page < pages; page++) {
		uint64_t start = (uint64_t)page << table->page_shift;

		while (row < table->row_count && table->rows[row].pc < start)
			row++;
		table->index[page] = (uint32_t)row;
	}
}

// Few rows in a huge address range are no reason for a huge index.
static unsigned choose_page_shift(const struct table_builder *b)
{
	unsigned shift = 8;

	while ((b->limit - b->base) >> shift > 4 * b->row_count + 1024)
		shift++;
	return shift;
}

// The table and its index share one block.
struct unwind_table *build_finish_take(struct table_builder *b)
{
	unsigned shift = choose_page_shift(b);
	size_t pages = ((b->limit - b->base) >> shift) + 2;
	size_t size = sizeof(struct unwind_table) + pages * sizeof(uint32_t);
	struct unwind_table *table = b->is_out_of_memory ? NULL : pages_map(size);

	if (table == NULL) {
		build_discard(b);
		return NULL;
	}
	*table = (struct unwind_table){
		.base = b->base,
		.span = b->limit - b->base,
		.page_shift = shift,
		.rows = b->rows,
		.index = (uint32_t *)(table + 1),
		.row_count = b->row_count,
		.row_capacity = b->row_capacity,
		.ranges = b->ranges,
		.range_count = b->range_count,
		.range_capacity = b->range_capacity,
		.damaged = b->damaged,
		.size = size,
	};
	fill_index(table, pages);
	*b = (struct table_builder){ 0 };
	return table;
}

void build_discard(struct table_builder *b)
{
	pages_release(b->rows, b->row_capacity, sizeof(*b->rows));
	pages_release(b->ranges, b->range_capacity, sizeof(*b->ranges));
	*b = (struct table_builder){ 0 };
}

void build_destroy(struct unwind_table *table)
{
	pages_release(table->rows, table->row_capacity, sizeof(*table->rows));
	pages_release(table->ranges, table->range_capacity, sizeof(*table->ranges));
	pages_unmap(table, table->size);
}
