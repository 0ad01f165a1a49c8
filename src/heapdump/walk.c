// Each pointer is looked up once. The way back is the chain of parents; where each of
// them was left is a stack of positions.
#include "heapdump/walk.h"

#include <stdbool.h>
#include <stdlib.h>

#include "heapdump/heap.h"

struct walker {
	struct walk *walk;
	const struct heap *heap;
	uint32_t *numbers; // by node; 0: not met yet
	uint64_t *positions;
	size_t depth, capacity;
	uint32_t at; // number of the node whose pointers are read
	struct pointers_source source;
	struct pointers_cursor cursor;
};

static uint32_t meet(struct walker *walker, uint32_t node, uint32_t from)
{
	struct walk *walk = walker->walk;
	uint32_t number = (uint32_t)walk->count++;

	walker->numbers[node] = number;
	walk->nodes[number] = node;
	walk->parents[number] = from;
	return number;
}

static void add_other(struct walk *walk, uint32_t from, uint32_t to)
{
	if (to == from || walk->parents[to] == from)
		return;
	walk->others = table_reserve(walk->others, &walk->other_capacity,
				     walk->other_count + 1, sizeof(*walk->others));
	walk->others[walk->other_count++] = (struct walk_edge){ to, from };
}

static void enter(struct walker *walker, uint32_t number, uint64_t position)
{
	walker->at = number;
	heap_node_pointers(walker->heap, walker->walk->nodes[number], &walker->source);
	walker->cursor = pointers_from(&walker->source, position);
}

static void descend(struct walker *walker, uint32_t number)
{
	walker->positions = table_reserve(walker->positions, &walker->capacity,
					  walker->depth + 1, sizeof(*walker->positions));
	walker->positions[walker->depth++] = walker->cursor.position;
	enter(walker, number, 0);
}

static bool has_no_pointers(const struct heap *heap, uint32_t node)
{
	struct pointers_source source;

	heap_node_pointers(heap, node, &source);
	return source.form == POINTERS_NONE ||
	       (source.form == POINTERS_LISTED && (source.fields == source.fields_end ||
						   *source.fields == POINTERS_FIELD_END));
}

static void step(struct walker *walker, uint64_t address)
{
	uint64_t offset;
	uint32_t target = heap_find(walker->heap, address, &offset);

	if (target == HEAP_NONE)
		return;
	if (walker->numbers[target] != 0) {
		add_other(walker->walk, walker->at, walker->numbers[target]);
		return;
	}
	// Most objects are leaves; they cost no step down and back.
	meet(walker, target, walker->at);
	if (!has_no_pointers(walker->heap, target))
		descend(walker, walker->numbers[target]);
}

static void walk_from(struct walker *walker, uint32_t root)
{
	struct pointers_item item;

	enter(walker, meet(walker, root, 0), 0);
	for (;;) {
		while (pointers_next(&walker->cursor, &item))
			step(walker, item.value);
		if (walker->depth == 0)
			return;
		enter(walker, walker->walk->parents[walker->at],
		      walker->positions[--walker->depth]);
	}
}

void walk_init(struct walk *walk, const struct heap *heap)
{
	size_t nodes = heap_node_count(heap);
	struct walker walker = { .walk = walk, .heap = heap };

	*walk = (struct walk){ .count = 1 };
	walk->nodes = table_zeroed(nodes + 1, sizeof(*walk->nodes));
	walk->parents = table_zeroed(nodes + 1, sizeof(*walk->parents));
	walker.numbers = table_zeroed(nodes + 1, sizeof(*walker.numbers));
	walk->nodes[0] = (uint32_t)nodes;
	for (size_t i = 0; i < heap->root_count; i++)
		walk_from(&walker, (uint32_t)(heap->objects.count + i));
	free(walker.numbers);
	free(walker.positions);
}

void walk_deinit(struct walk *walk)
{
	free(walk->nodes);
	free(walk->parents);
	free(walk->others);
	*walk = (struct walk){ 0 };
}
