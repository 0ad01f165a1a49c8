// Counts by row of types or sites, then joins rows of one name.
#include "heapdump/census.h"

#include <stdlib.h>

#include "heapdump/dominators.h"
#include "heapdump/heap.h"

struct counter {
	struct heap *heap;
	const struct dominators *dominators;
	enum naming_by by;
	uint32_t *labels; // by group, the unknown one last: row of the census
	uint32_t *above;  // by row: how many are on the way from the origin
	struct interner names;
};

static uint32_t row_of(const struct counter *counter, uint32_t object)
{
	uint32_t group = naming_group(counter->heap, object, counter->by);
	size_t groups = naming_group_count(counter->heap, counter->by);

	return counter->labels[group == HEAP_NONE ? groups : group];
}

static void name_rows(struct counter *counter, struct census *census)
{
	size_t groups = naming_group_count(counter->heap, counter->by);

	counter->labels = table_zeroed(groups + 1, sizeof(*counter->labels));
	for (size_t i = 0; i <= groups; i++) {
		uint32_t group = i < groups ? (uint32_t)i : HEAP_NONE;
		struct str name = naming_of_group(counter->heap, group, counter->by,
						  &census->arena);

		counter->labels[i] = interner_add(&counter->names, NULL, name);
	}
	census->count = counter->names.count;
	census->rows = table_zeroed(census->count + 1, sizeof(*census->rows));
	counter->above = table_zeroed(census->count + 1, sizeof(*counter->above));
	for (size_t i = 0; i < census->count; i++)
		census->rows[i].name = counter->names.strings[i];
}

static void count_objects(struct counter *counter, struct census *census)
{
	for (uint32_t i = 0; i < counter->heap->objects.count; i++) {
		struct census_row *row = &census->rows[row_of(counter, i)];
		struct heap_object object;

		heap_object_at(counter->heap, i, &object);
		if (!dominators_reach(counter->dominators, i)) {
			census->unreachable++;
			census->unreachable_bytes += object.size;
			continue;
		}
		row->count++;
		row->bytes += object.size;
		census->objects++;
		census->bytes += object.size;
	}
}

static void enter(struct counter *counter, struct census *census, uint32_t node)
{
	uint32_t row;

	if (node >= counter->heap->objects.count)
		return;
	row = row_of(counter, node);
	if (counter->above[row]++ == 0)
		census->rows[row].retained += counter->dominators->retained[node];
}

static void leave(struct counter *counter, uint32_t node)
{
	if (node < counter->heap->objects.count)
		counter->above[row_of(counter, node)]--;
}

// Down and up the dominator tree, with the tree's own links for a stack.
static void add_retained(struct counter *counter, struct census *census)
{
	struct dominators_children children;
	uint32_t node = counter->dominators->origin;

	dominators_children_init(&children, counter->dominators);
	while (node != HEAP_NONE) {
		if (children.first[node] != HEAP_NONE) {
			uint32_t child = children.first[node];

			// Each child is taken off its parent's list when it is entered.
			children.first[node] = children.next[child];
			enter(counter, census, child);
			node = child;
			continue;
		}
		leave(counter, node);
		node = counter->dominators->parents[node];
	}
	dominators_children_deinit(&children);
}

static int compare_rows(const void *a, const void *b)
{
	const struct census_row *x = a, *y = b;

	if (x->retained != y->retained)
		return x->retained < y->retained ? 1 : -1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return str_compare(x->name, y->name);
}

static void drop_empty_rows(struct census *census)
{
	size_t kept = 0;

	for (size_t i = 0; i < census->count; i++) {
		if (census->rows[i].count > 0)
			census->rows[kept++] = census->rows[i];
	}
	census->count = kept;
}

void census_init(struct census *census, struct heap *heap,
		 const struct dominators *dominators, enum naming_by by)
{
	struct counter counter = { .heap = heap, .dominators = dominators, .by = by };

	*census = (struct census){ .by = by };
	heap_classify(heap);
	name_rows(&counter, census);
	count_objects(&counter, census);
	add_retained(&counter, census);
	drop_empty_rows(census);
	qsort(census->rows, census->count, sizeof(*census->rows), compare_rows);
	free(counter.labels);
	free(counter.above);
	interner_deinit(&counter.names);
}

void census_deinit(struct census *census)
{
	free(census->rows);
	arena_deinit(&census->arena);
	*census = (struct census){ 0 };
}

static int compare_differences(const void *a, const void *b)
{
	const struct census_difference_row *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	if (x->retained != y->retained)
		return x->retained < y->retained ? 1 : -1;
	return str_compare(x->name, y->name);
}

static void subtract(struct census_difference *difference)
{
	size_t kept = 0;

	for (size_t i = 0; i < difference->count; i++) {
		struct census_difference_row row = difference->rows[i];

		row.count = (int64_t)(row.after.count - row.before.count);
		row.bytes = (int64_t)(row.after.bytes - row.before.bytes);
		row.retained = (int64_t)(row.after.retained - row.before.retained);
		if (row.count != 0 || row.bytes != 0 || row.retained != 0)
			difference->rows[kept++] = row;
	}
	difference->count = kept;
}

void census_difference_init(struct census_difference *difference,
			    const struct census *before, const struct census *after)
{
	struct interner names = { 0 };

	*difference = (struct census_difference){
		.objects = (int64_t)(after->objects - before->objects),
		.bytes = (int64_t)(after->bytes - before->bytes),
	};
	difference->rows =
		table_zeroed(before->count + after->count + 1, sizeof(*difference->rows));
	for (size_t i = 0; i < before->count; i++)
		difference->rows[interner_add(&names, NULL, before->rows[i].name)]
			.before = before->rows[i];
	for (size_t i = 0; i < after->count; i++)
		difference->rows[interner_add(&names, NULL, after->rows[i].name)].after =
			after->rows[i];
	difference->count = names.count;
	for (size_t i = 0; i < names.count; i++)
		difference->rows[i].name = names.strings[i];
	subtract(difference);
	qsort(difference->rows, difference->count, sizeof(*difference->rows),
	      compare_differences);
	interner_deinit(&names);
}

void census_difference_deinit(struct census_difference *difference)
{
	free(difference->rows);
	*difference = (struct census_difference){ 0 };
}
