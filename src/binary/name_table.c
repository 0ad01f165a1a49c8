// Sorted ranges, searched from the nearest start backwards.
#include "binary/name_table.h"

#include <stdlib.h>

#include "base/arena.h"

void name_table_deinit(struct name_table *table)
{
	free(table->ranges);
	*table = (struct name_table){ 0 };
}

void name_table_add(struct name_table *table, uint64_t start, uint64_t limit,
		    struct str name)
{
	if (table->count == UINT32_MAX)
		return;
	table->ranges = table_reserve(table->ranges, &table->capacity, table->count + 1,
				      sizeof(*table->ranges));
	table->ranges[table->count] = (struct name_range){
		.start = start,
		.limit = limit,
		.name = name,
		.age = (uint32_t)table->count,
	};
	table->count++;
}

static int compare_ranges(const void *left, const void *right)
{
	const struct name_range *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->age < b->age ? -1 : a->age > b->age;
}

void name_table_sort(struct name_table *table)
{
	uint64_t reach = 0, next = UINT64_MAX;

	if (table->count == 0)
		return;
	qsort(table->ranges, table->count, sizeof(*table->ranges), compare_ranges);
	for (size_t i = table->count; i-- > 0;) {
		struct name_range *range = &table->ranges[i];

		if (range->limit == 0)
			range->limit = next;
		if (i > 0 && range[-1].start != range->start)
			next = range->start;
	}
	for (size_t i = 0; i < table->count; i++) {
		if (table->ranges[i].limit > reach)
			reach = table->ranges[i].limit;
		table->ranges[i].reach = reach;
	}
}

const struct name_range *name_table_find(const struct name_table *table, uint64_t address)
{
	enum { TRIES_MAX = 256 }; // a file may pile up any number of stale ranges
	const struct name_range *best = NULL;
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t tried = 0; low > 0 && tried < TRIES_MAX; tried++) {
		const struct name_range *range = &table->ranges[--low];

		if (range->reach <= address)
			break;
		if (address < range->limit && (best == NULL || range->age > best->age))
			best = range;
	}
	return best;
}
