// A walk from the roots by starts alone, one from what inner pointers led to meanwhile,
// then one from each block that is left, in the order of addresses.
#include "heapdump/leaks.h"

#include <stdlib.h>

#include "heapdump/heap.h"

// INNER: nothing but inner pointers to it was seen yet.
enum { UNSEEN = LEAKS_KIND_COUNT, INNER };

struct search {
	struct leaks *leaks;
	struct heap *heap;
	uint32_t *leaders; // by object: the definite loss that an indirect one hangs on
	uint32_t *stack;
	size_t depth, capacity;
};

// What is done with an object that a pointer of `from` leads to.
typedef void visit_fn(struct search *search, uint32_t from, uint32_t target,
		      uint64_t offset);

static void push(struct search *search, uint32_t object)
{
	search->stack = table_reserve(search->stack, &search->capacity, search->depth + 1,
				      sizeof(*search->stack));
	search->stack[search->depth++] = object;
}

static void visit_pointers(struct search *search, uint32_t node, visit_fn *visit)
{
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;

	heap_node_pointers(search->heap, node, &source);
	cursor = pointers_from(&source, 0);
	while (pointers_next(&cursor, &item)) {
		uint64_t offset;
		uint32_t target = heap_find(search->heap, item.value, &offset);

		if (target != HEAP_NONE)
			visit(search, node, target, offset);
	}
}

static void drain(struct search *search, visit_fn *visit)
{
	while (search->depth > 0)
		visit_pointers(search, search->stack[--search->depth], visit);
}

static void reach_by_start(struct search *search, uint32_t from, uint32_t target,
			   uint64_t offset)
{
	uint8_t *kind = &search->leaks->kinds[target];

	(void)from;
	if (*kind != UNSEEN && *kind != INNER)
		return;
	if (offset != 0 && search->heap->quality.is_conservative) {
		*kind = INNER;
		return;
	}
	*kind = LEAKS_REACHABLE;
	push(search, target);
}

static void reach_by_any(struct search *search, uint32_t from, uint32_t target,
			 uint64_t offset)
{
	uint8_t *kind = &search->leaks->kinds[target];

	(void)from;
	(void)offset;
	if (*kind != UNSEEN && *kind != INNER)
		return;
	*kind = LEAKS_POSSIBLE;
	push(search, target);
}

// A block that was the first of its own comes under the one that leads to it now.
static void hang_on_leader(struct search *search, uint32_t from, uint32_t target,
			   uint64_t offset)
{
	uint8_t *kind = &search->leaks->kinds[target];
	uint32_t leader = search->leaders[from];

	(void)offset;
	if (target == leader || (*kind != UNSEEN && !(*kind == LEAKS_DEFINITE &&
						      search->leaders[target] == target)))
		return;
	if (*kind == UNSEEN)
		push(search, target);
	*kind = LEAKS_INDIRECT;
	search->leaders[target] = leader;
}

static void find_lost(struct search *search)
{
	for (uint32_t i = 0; i < search->heap->objects.count; i++) {
		if (search->leaks->kinds[i] != UNSEEN)
			continue;
		search->leaks->kinds[i] = LEAKS_DEFINITE;
		search->leaders[i] = i;
		visit_pointers(search, i, hang_on_leader);
		drain(search, hang_on_leader);
	}
}

static void find_kinds(struct search *search)
{
	struct heap *heap = search->heap;
	uint32_t count = (uint32_t)heap->objects.count;

	memset(search->leaks->kinds, UNSEEN, count);
	for (uint32_t i = 0; i < heap->root_count; i++) {
		visit_pointers(search, count + i, reach_by_start);
		drain(search, reach_by_start);
	}
	// What only an inner pointer of the roots, or of what is reached, leads to.
	for (uint32_t i = 0; i < count; i++) {
		if (search->leaks->kinds[i] == INNER)
			reach_by_any(search, i, i, 0);
	}
	drain(search, reach_by_any);
	find_lost(search);
}

// The definite loss at the end of a chain of leaders that came under others.
static uint32_t last_leader(const struct search *search, uint32_t object)
{
	uint32_t steps = 0;

	while (search->leaders[object] != object && steps++ < search->heap->objects.count)
		object = search->leaders[object];
	return object;
}

static size_t group_of(const struct search *search, uint32_t object, enum naming_by by)
{
	uint32_t group = naming_group(search->heap, object, by);

	return group == HEAP_NONE ? naming_group_count(search->heap, by) : group;
}

static void add_object(struct search *search, uint32_t object, enum naming_by by)
{
	struct leaks *leaks = search->leaks;
	enum leaks_kind kind = leaks->kinds[object];
	size_t at = group_of(search, object, by) * LEAKS_KIND_COUNT + kind;
	struct heap_object decoded;

	heap_object_at(search->heap, object, &decoded);
	leaks->totals[kind].count++;
	leaks->totals[kind].bytes += decoded.size;
	if (leaks->rows[at].count++ == 0)
		leaks->rows[at].example = object;
	leaks->rows[at].bytes += decoded.size;
	if (kind == LEAKS_INDIRECT) {
		uint32_t leader = last_leader(search, object);

		at = group_of(search, leader, by) * LEAKS_KIND_COUNT + LEAKS_DEFINITE;
		leaks->rows[at].indirect_bytes += decoded.size;
	}
}

static int compare_rows(const void *a, const void *b)
{
	const struct leaks_row *x = a, *y = b;
	uint64_t all_x = x->bytes + x->indirect_bytes,
		 all_y = y->bytes + y->indirect_bytes;

	if (x->kind != y->kind)
		return x->kind < y->kind ? 1 : -1;
	if (all_x != all_y)
		return all_x < all_y ? 1 : -1;
	return str_compare(x->name, y->name);
}

static void fill_rows(struct search *search, enum naming_by by)
{
	struct leaks *leaks = search->leaks;
	size_t groups = naming_group_count(search->heap, by);

	leaks->rows = table_zeroed((groups + 1) * LEAKS_KIND_COUNT, sizeof(*leaks->rows));
	for (uint32_t i = 0; i < search->heap->objects.count; i++)
		add_object(search, i, by);
	for (size_t i = 0; i < (groups + 1) * LEAKS_KIND_COUNT; i++) {
		struct leaks_row row = leaks->rows[i];
		size_t group = i / LEAKS_KIND_COUNT;

		row.kind = (enum leaks_kind)(i % LEAKS_KIND_COUNT);
		row.name = naming_of_group(search->heap,
					   group < groups ? (uint32_t)group : HEAP_NONE,
					   by, &leaks->arena);
		if (row.count > 0)
			leaks->rows[leaks->count++] = row;
	}
	qsort(leaks->rows, leaks->count, sizeof(*leaks->rows), compare_rows);
}

const char *leaks_kind_name(enum leaks_kind kind)
{
	static const char *const names[] = {
		[LEAKS_REACHABLE] = "still reachable",
		[LEAKS_POSSIBLE] = "possibly lost",
		[LEAKS_INDIRECT] = "indirectly lost",
		[LEAKS_DEFINITE] = "definitely lost",
	};

	return names[kind];
}

void leaks_init(struct leaks *leaks, struct heap *heap, enum naming_by by)
{
	struct search search = { .leaks = leaks, .heap = heap };

	heap_classify(heap);
	*leaks = (struct leaks){ .kinds = table_zeroed(heap->objects.count + 1,
						       sizeof(*leaks->kinds)) };
	search.leaders = table_zeroed(heap->objects.count + 1, sizeof(*search.leaders));
	find_kinds(&search);
	fill_rows(&search, by);
	free(search.leaders);
	free(search.stack);
}

void leaks_deinit(struct leaks *leaks)
{
	free(leaks->kinds);
	free(leaks->rows);
	arena_deinit(&leaks->arena);
	*leaks = (struct leaks){ 0 };
}
