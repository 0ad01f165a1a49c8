// Nodes are chosen first; then every pointer between two of them is an edge.
#include "heapdump/graph_dot.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/writer.h"
#include "heapdump/dominators.h"
#include "heapdump/heap.h"

struct edge {
	uint32_t from, to; // groups
	uint64_t count;
};

struct group {
	struct str name;
	uint64_t count, bytes;
	bool is_root;
};

struct merged {
	struct heap *heap;
	const struct dominators *dominators;
	enum naming_by by;
	struct interner names;
	uint32_t *group_rows; // by type or site, the unknown last: row of groups
	struct group *groups;
	size_t group_capacity;
	struct fold edge_rows;
	struct edge *edges;
	size_t edge_count, edge_capacity;
	struct arena arena;
};

static void write_escaped(struct writer *w, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '"' || c == '\\')
			writer_char(w, '\\');
		writer_char(w, c >= 0 && c < ' ' ? ' ' : c);
	}
}

static void begin(struct writer *w)
{
	writer_text(w, "digraph heap {\n"
		       "node [shape=box fontsize=9 style=filled fillcolor=\"#f4f4f4\"]\n"
		       "edge [fontsize=8 color=\"#888888\"]\n");
}

static void write_node(struct heap *heap, const struct dominators *dominators,
		       uint32_t node, struct writer *w)
{
	struct arena arena = { 0 };
	struct heap_object object = { 0 };
	bool is_root = node >= heap->objects.count;

	writer_format(w, "n%u [label=\"", node);
	write_escaped(w, naming_of_node(heap, node, &arena));
	if (!is_root) {
		heap_object_at(heap, node, &object);
		writer_format(w, "\\n%" PRIu64 " bytes", object.size);
	}
	if (dominators_reach(dominators, node))
		writer_format(w, ", retains %" PRIu64, dominators->retained[node]);
	writer_text(w, is_root ? "\" fillcolor=\"#dde8f8\" shape=ellipse]\n" : "\"]\n");
	arena_deinit(&arena);
}

static void write_edges(const struct heap *heap, uint32_t node, const bool *is_drawn,
			struct writer *w)
{
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;

	heap_node_pointers(heap, node, &source);
	cursor = pointers_from(&source, 0);
	while (pointers_next(&cursor, &item)) {
		uint64_t offset;
		uint32_t target = heap_find(heap, item.value, &offset);

		if (target == HEAP_NONE || !is_drawn[target])
			continue;
		writer_format(w, "n%u -> n%u [taillabel=\"%" PRIu64 "\"", node, target,
			      item.offset);
		if (offset != 0)
			writer_format(w, " headlabel=\"+%" PRIu64 "\"", offset);
		writer_text(w, "]\n");
	}
}

static void write_drawn(struct heap *heap, const struct dominators *dominators,
			const bool *is_drawn, struct writer *w)
{
	begin(w);
	for (uint32_t i = 0; i < heap_node_count(heap); i++) {
		if (is_drawn[i])
			write_node(heap, dominators, i, w);
	}
	for (uint32_t i = 0; i < heap_node_count(heap); i++) {
		if (is_drawn[i])
			write_edges(heap, i, is_drawn, w);
	}
	writer_text(w, "}\n");
}

// Whether any pointer of the node leads to a marked object.
static bool leads_to(const struct heap *heap, uint32_t node, const bool *marked)
{
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;
	uint64_t offset;

	heap_node_pointers(heap, node, &source);
	cursor = pointers_from(&source, 0);
	while (pointers_next(&cursor, &item)) {
		uint32_t target = heap_find(heap, item.value, &offset);

		if (target != HEAP_NONE && marked[target])
			return true;
	}
	return false;
}

static void mark_targets(const struct heap *heap, uint32_t node, bool *marked)
{
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;
	uint64_t offset;

	heap_node_pointers(heap, node, &source);
	cursor = pointers_from(&source, 0);
	while (pointers_next(&cursor, &item)) {
		uint32_t target = heap_find(heap, item.value, &offset);

		if (target != HEAP_NONE)
			marked[target] = true;
	}
}

// One pass over the heap for each step, forwards and backwards apart.
static void mark_around(const struct heap *heap, unsigned depth, bool *ahead, bool *back)
{
	size_t nodes = heap_node_count(heap);
	bool *next = table_zeroed(nodes + 1, sizeof(*next));

	for (unsigned step = 0; step < depth; step++) {
		memcpy(next, ahead, nodes * sizeof(*next));
		for (uint32_t i = 0; i < nodes; i++) {
			if (ahead[i])
				mark_targets(heap, i, next);
		}
		memcpy(ahead, next, nodes * sizeof(*next));
		memcpy(next, back, nodes * sizeof(*next));
		for (uint32_t i = 0; i < nodes; i++)
			next[i] |= leads_to(heap, i, back);
		memcpy(back, next, nodes * sizeof(*next));
	}
	free(next);
}

void graph_dot_around(struct heap *heap, const struct dominators *dominators,
		      uint32_t object, unsigned depth, struct writer *w)
{
	size_t nodes = heap_node_count(heap);
	bool *ahead = table_zeroed(nodes + 1, sizeof(*ahead));
	bool *back = table_zeroed(nodes + 1, sizeof(*back));

	heap_classify(heap);
	ahead[object] = back[object] = true;
	mark_around(heap, depth, ahead, back);
	for (size_t i = 0; i < nodes; i++)
		ahead[i] |= back[i];
	write_drawn(heap, dominators, ahead, w);
	free(ahead);
	free(back);
}

static uint32_t add_group(struct merged *merged, struct str name, bool is_root)
{
	size_t known = merged->names.count;
	uint32_t row = interner_add(&merged->names, NULL, name);

	merged->groups = table_reserve(merged->groups, &merged->group_capacity,
				       merged->names.count, sizeof(*merged->groups));
	if (merged->names.count > known)
		merged->groups[row] = (struct group){ .name = name, .is_root = is_root };
	return row;
}

// A root may be called what a type is.
static uint32_t root_group(struct merged *merged, uint32_t root)
{
	struct str name = merged->heap->roots[root].name;

	return add_group(merged,
			 str_format(&merged->arena, "%.*s (root)", (int)name.n, name.p),
			 true);
}

static uint32_t group_of(struct merged *merged, uint32_t node)
{
	struct heap *heap = merged->heap;
	uint32_t group;

	if (node >= heap->objects.count)
		return root_group(merged, node - (uint32_t)heap->objects.count);
	group = naming_group(heap, node, merged->by);
	return merged
		->group_rows[group == HEAP_NONE ? naming_group_count(heap, merged->by)
						: group];
}

static void add_edge(struct merged *merged, uint32_t from, uint32_t to)
{
	uint64_t hash = hash_mix(from, to);
	size_t slot;
	uint32_t row;

	fold_reserve(&merged->edge_rows, 1);
	slot = fold_start(&merged->edge_rows, hash);
	while ((row = fold_next(&merged->edge_rows, hash, &slot)) != FOLD_NONE) {
		if (merged->edges[row].from == from && merged->edges[row].to == to) {
			merged->edges[row].count++;
			return;
		}
	}
	fold_add(&merged->edge_rows, hash, slot, (uint32_t)merged->edge_count);
	merged->edges = table_reserve(merged->edges, &merged->edge_capacity,
				      merged->edge_count + 1, sizeof(*merged->edges));
	merged->edges[merged->edge_count++] = (struct edge){ from, to, 1 };
}

static void merge_node(struct merged *merged, uint32_t node)
{
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;
	uint32_t from = group_of(merged, node);
	struct heap_object object = { 0 };

	if (node < merged->heap->objects.count)
		heap_object_at(merged->heap, node, &object);
	merged->groups[from].count++;
	merged->groups[from].bytes += object.size;
	heap_node_pointers(merged->heap, node, &source);
	cursor = pointers_from(&source, 0);
	while (pointers_next(&cursor, &item)) {
		uint64_t offset;
		uint32_t target = heap_find(merged->heap, item.value, &offset);

		if (target != HEAP_NONE)
			add_edge(merged, from, group_of(merged, target));
	}
}

static void merge(struct merged *merged)
{
	struct heap *heap = merged->heap;
	size_t groups = naming_group_count(heap, merged->by);

	merged->group_rows = table_zeroed(groups + 1, sizeof(*merged->group_rows));
	for (size_t i = 0; i <= groups; i++)
		merged->group_rows[i] = add_group(
			merged,
			naming_of_group(heap, i < groups ? (uint32_t)i : HEAP_NONE,
					merged->by, &merged->arena),
			false);
	for (uint32_t i = 0; i < heap_node_count(heap); i++) {
		if (dominators_reach(merged->dominators, i))
			merge_node(merged, i);
	}
}

static void write_merged(const struct merged *merged, struct writer *w)
{
	begin(w);
	for (size_t i = 0; i < merged->names.count; i++) {
		const struct group *group = &merged->groups[i];

		if (group->count == 0)
			continue;
		writer_format(w, "g%zu [label=\"", i);
		write_escaped(w, group->name);
		if (group->is_root)
			writer_text(w, "\" fillcolor=\"#dde8f8\" shape=ellipse]\n");
		else
			writer_format(w, "\\n%" PRIu64 " objects, %" PRIu64 " bytes\"]\n",
				      group->count, group->bytes);
	}
	for (size_t i = 0; i < merged->edge_count; i++)
		writer_format(w, "g%u -> g%u [label=\"%" PRIu64 "\"]\n",
			      merged->edges[i].from, merged->edges[i].to,
			      merged->edges[i].count);
	writer_text(w, "}\n");
}

void graph_dot_whole(struct heap *heap, const struct dominators *dominators,
		     const struct graph_dot_options *options, struct writer *w)
{
	struct merged merged = { .heap = heap,
				 .dominators = dominators,
				 .by = options->by };
	size_t nodes = heap_node_count(heap);

	heap_classify(heap);
	if (options->most_nodes == 0 || nodes <= options->most_nodes) {
		bool *is_drawn = table_zeroed(nodes + 1, sizeof(*is_drawn));

		for (uint32_t i = 0; i < nodes; i++)
			is_drawn[i] = dominators_reach(dominators, i);
		write_drawn(heap, dominators, is_drawn, w);
		free(is_drawn);
		return;
	}
	merge(&merged);
	write_merged(&merged, w);
	free(merged.group_rows);
	free(merged.groups);
	free(merged.edges);
	fold_deinit(&merged.edge_rows);
	interner_deinit(&merged.names);
	arena_deinit(&merged.arena);
}
