// Builds and trims call trees.
#include "report/call_tree.h"

#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"
#include "report/number.h"

struct tree_builder {
	struct graph *graph;
	size_t key_capacity, value_capacity;
};

static uint32_t child(struct tree_builder *builder, uint32_t parent, uint32_t key)
{
	struct graph *graph = builder->graph;
	uint64_t place = (uint64_t)(parent + 1) << 32 | key;
	uint32_t *node = map_put(&graph->children, place);

	if (*node != MAP_NONE)
		return *node;
	*node = (uint32_t)graph->node_count++;
	graph->tree_keys = table_reserve(graph->tree_keys, &builder->key_capacity,
					 graph->node_count, sizeof(*graph->tree_keys));
	graph->values = table_reserve(graph->values, &builder->value_capacity,
				      graph->node_count, sizeof(*graph->values));
	graph->tree_keys[*node] = key;
	graph->values[*node] = (struct graph_value){ 0 };
	return *node;
}

static void add_weight(struct graph *graph, uint32_t stack, int64_t *value,
		       int64_t *divisor)
{
	*value = number_add(*value, graph->weights.values[stack]);
	if (graph->weights.divisors != NULL)
		*divisor = number_add(*divisor, graph->weights.divisors[stack]);
}

static uint32_t add_frame(struct tree_builder *builder, uint32_t stack, uint32_t parent,
			  uint32_t key, bool is_inline)
{
	struct graph *graph = builder->graph;
	uint32_t node = child(builder, parent, key);
	struct edge *edge;

	add_weight(graph, stack, &graph->values[node].cum,
		   &graph->values[node].cum_divisor);
	if (parent == NODE_NONE)
		return node;
	edge = edges_put(&graph->edges, parent, node);
	add_weight(graph, stack, &edge->weight, &edge->divisor);
	edge->is_inline &= is_inline;
	return node;
}

static void add_stack(struct tree_builder *builder, uint32_t stack)
{
	struct graph *graph = builder->graph;
	struct profile_stack_view view = profile_stack(graph->profile, stack);
	uint32_t parent = NODE_NONE;

	for (size_t i = view.count; i-- > 0;) {
		uint32_t from = graph->nodes.first[view.locations[i]];
		uint32_t to = graph->nodes.first[view.locations[i] + 1];

		for (uint32_t j = to; j-- > from;)
			parent = add_frame(builder, stack, parent, graph->nodes.list[j],
					   j + 1 != to);
	}
	if (parent != NODE_NONE)
		add_weight(graph, stack, &graph->values[parent].flat,
			   &graph->values[parent].flat_divisor);
}

void call_tree_build(struct graph *graph)
{
	struct tree_builder builder = { .graph = graph };

	for (uint32_t stack = 0; stack < graph->weights.count; stack++) {
		if (graph->weights.is_seen[stack] != 0)
			add_stack(&builder, stack);
	}
	edges_index(&graph->edges, graph->node_count);
}

// Nodes are numbered parents first, so each edge into a node is settled before those out
// of it.
void call_tree_trim(struct graph *graph, const uint8_t *is_kept)
{
	uint8_t *is_left_out = calloc(graph->node_count + 1, 1);
	size_t kept = 0;

	if (is_left_out == NULL)
		arena_out_of_memory(graph->node_count);
	for (size_t i = 0; i < graph->shown_count; i++) {
		is_left_out[graph->order[i]] = is_kept[graph->order[i]] == 0;
		if (is_kept[graph->order[i]] != 0)
			graph->order[kept++] = graph->order[i];
	}
	graph->shown_count = kept;
	for (uint32_t node = 0; node < graph->node_count; node++) {
		struct edge_list in = edges_in(&graph->edges, node);
		struct edge_list out = edges_out(&graph->edges, node);
		struct edge *above =
			in.count == 0 ? NULL : &graph->edges.edges[in.rows[0]];

		if (is_left_out[node] == 0)
			continue;
		for (size_t i = 0; i < out.count; i++) {
			struct edge *edge = &graph->edges.edges[out.rows[i]];

			if (above == NULL || above->is_removed) {
				edge->is_removed = true;
				continue;
			}
			edge->source = above->source;
			edge->is_residual = true;
			edge->is_inline = edge->is_inline && above->is_inline;
		}
		if (above != NULL)
			above->is_removed = true;
	}
	free(is_left_out);
	edges_index(&graph->edges, graph->node_count);
}
