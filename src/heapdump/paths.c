// A queue of nodes by breadth.
#include "heapdump/paths.h"

#include <stdlib.h>

#include "heapdump/heap.h"

struct queue {
	uint32_t *nodes;
	size_t first, count;
};

static void follow(struct paths *paths, const struct heap *heap, struct queue *queue,
		   uint32_t node)
{
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;

	heap_node_pointers(heap, node, &source);
	cursor = pointers_from(&source, 0);
	while (pointers_next(&cursor, &item)) {
		uint64_t offset;
		uint32_t target = heap_find(heap, item.value, &offset);

		if (target == HEAP_NONE || paths->from[target] != HEAP_NONE)
			continue;
		paths->from[target] = node;
		queue->nodes[queue->count++] = target;
	}
}

void paths_init(struct paths *paths, const struct heap *heap)
{
	size_t nodes = heap_node_count(heap);
	struct queue queue = { .nodes = table_zeroed(nodes + 1, sizeof(uint32_t)) };

	paths->from = table_zeroed(nodes + 1, sizeof(*paths->from));
	for (size_t i = 0; i < nodes; i++)
		paths->from[i] = HEAP_NONE;
	for (size_t i = heap->objects.count; i < nodes; i++)
		queue.nodes[queue.count++] = (uint32_t)i;
	while (queue.first < queue.count)
		follow(paths, heap, &queue, queue.nodes[queue.first++]);
	free(queue.nodes);
}

void paths_deinit(struct paths *paths)
{
	free(paths->from);
	*paths = (struct paths){ 0 };
}

uint64_t paths_offset(const struct heap *heap, uint32_t from, uint32_t to)
{
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item = { 0 };
	uint64_t offset, first = 0;

	if (from >= heap->objects.count)
		first = heap->roots[from - heap->objects.count].first;
	heap_node_pointers(heap, from, &source);
	cursor = pointers_from(&source, 0);
	while (pointers_next(&cursor, &item)) {
		if (heap_find(heap, item.value, &offset) == to)
			return item.offset - first;
	}
	return 0;
}

uint32_t *paths_to(const struct paths *paths, uint32_t node, size_t *count)
{
	size_t length = 0;
	uint32_t *nodes;

	for (uint32_t at = node; at != HEAP_NONE; at = paths->from[at])
		length++;
	nodes = table_zeroed(length, sizeof(*nodes));
	*count = length;
	for (uint32_t at = node; at != HEAP_NONE; at = paths->from[at])
		nodes[--length] = at;
	return nodes;
}
