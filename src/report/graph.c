// The passes over stacks that weigh nodes and edges.
#include "report/graph.h"

#include <stdlib.h>

#include "profile/profile.h"
#include "report/call_tree.h"
#include "report/number.h"
#include "report/weigh.h"

static void add_flat(const struct weights *weights, struct graph_value *value,
		     uint32_t stack)
{
	value->flat = number_add(value->flat, weights->values[stack]);
	if (weights->divisors != NULL)
		value->flat_divisor =
			number_add(value->flat_divisor, weights->divisors[stack]);
}

// Once for each stack, however often the stack recurses.
static void add_cum(const struct weights *weights, struct graph_value *value,
		    uint32_t stack)
{
	if (value->stamp == stack + 1)
		return;
	value->stamp = stack + 1;
	value->cum = number_add(value->cum, weights->values[stack]);
	if (weights->divisors != NULL)
		value->cum_divisor =
			number_add(value->cum_divisor, weights->divisors[stack]);
}

static void sum_stack(const struct graph *graph, const uint32_t *groups, uint32_t stack,
		      struct graph_value *sums)
{
	const struct nodes *nodes = &graph->nodes;
	struct profile_stack_view view = profile_stack(graph->profile, stack);

	for (size_t i = 0; i < view.count; i++) {
		uint32_t from = nodes->first[view.locations[i]];
		uint32_t to = nodes->first[view.locations[i] + 1];

		for (uint32_t j = from; j < to; j++) {
			uint32_t group = groups[nodes->list[j]];

			if (group == NODE_NONE)
				continue;
			add_cum(&graph->weights, &sums[group], stack);
			if (i == 0 && j == from)
				add_flat(&graph->weights, &sums[group], stack);
		}
	}
}

void graph_sum_groups(const struct graph *graph, const uint32_t *groups,
		      size_t group_count, struct graph_value *sums)
{
	memset(sums, 0, group_count * sizeof(*sums));
	for (uint32_t stack = 0; stack < graph->weights.count; stack++) {
		if (graph->weights.is_seen[stack] != 0)
			sum_stack(graph, groups, stack, sums);
	}
}

void graph_init(struct graph *graph, const struct profile *profile,
		const struct node_rules *rules, size_t value_index, bool has_means,
		enum graph_shape shape)
{
	*graph = (struct graph){ .profile = profile, .shape = shape };
	nodes_init(&graph->nodes, profile, rules);
	weights_init(&graph->weights, profile, value_index, has_means);
	if (shape == GRAPH_CALL_TREE) {
		call_tree_build(graph);
		return;
	}
	graph->node_count = graph->nodes.count;
	graph->values = calloc(graph->node_count + 1, sizeof(*graph->values));
	if (graph->values == NULL)
		arena_out_of_memory(graph->node_count * sizeof(*graph->values));
	weigh_nodes(graph);
}

void graph_deinit(struct graph *graph)
{
	nodes_deinit(&graph->nodes);
	weights_deinit(&graph->weights);
	edges_deinit(&graph->edges);
	map_deinit(&graph->children);
	free(graph->tree_keys);
	free(graph->values);
	free(graph->is_kept);
	free(graph->order);
	free(graph->labels);
	arena_deinit(&graph->arena);
	*graph = (struct graph){ 0 };
}

struct str graph_label(struct graph *graph, uint32_t node)
{
	uint32_t key = graph_key(graph, node);

	if (graph->labels == NULL)
		graph->labels = calloc(graph->nodes.count + 1, sizeof(*graph->labels));
	if (graph->labels == NULL)
		arena_out_of_memory(graph->nodes.count * sizeof(*graph->labels));
	if (graph->labels[key].p == NULL)
		graph->labels[key] = nodes_label(&graph->nodes, key, &graph->arena);
	return graph->labels[key];
}

int64_t graph_flat(const struct graph *graph, uint32_t node)
{
	return number_mean(graph->values[node].flat, graph->values[node].flat_divisor);
}

int64_t graph_cum(const struct graph *graph, uint32_t node)
{
	return number_mean(graph->values[node].cum, graph->values[node].cum_divisor);
}

// A walk from the root of one stack after the other towards its leaf.
struct edge_walk {
	struct graph *graph;
	const uint8_t *wanted; // as in graph_build_edges
	uint32_t stack, parent;
	bool is_residual; // nodes were left out since parent
	size_t call_count;
	struct edge_call calls[EDGE_CALLS_MAX]; // not counted yet
};

static void count_calls(struct edge_walk *walk)
{
	edges_count(&walk->graph->edges, walk->calls, walk->call_count);
	walk->call_count = 0;
}

static void add_call(struct edge_walk *walk, uint32_t node, bool is_inline)
{
	const struct weights *weights = &walk->graph->weights;

	if (walk->call_count == EDGE_CALLS_MAX)
		count_calls(walk);
	walk->calls[walk->call_count++] = (struct edge_call){
		.source = walk->parent,
		.target = node,
		.stack = walk->stack,
		.is_residual = walk->is_residual,
		.is_inline = is_inline,
		.weight = weights->values[walk->stack],
		.divisor = weights->divisors == NULL ? 0 : weights->divisors[walk->stack],
	};
}

static bool is_wanted(const struct edge_walk *walk, uint32_t node)
{
	return walk->wanted == NULL || (walk->wanted[node] & GRAPH_CALLS_TO) != 0 ||
	       (walk->wanted[walk->parent] & GRAPH_CALLS_FROM) != 0;
}

static void walk_location(struct edge_walk *walk, uint32_t location)
{
	const struct graph *graph = walk->graph;
	uint32_t from = graph->nodes.first[location];
	uint32_t to = graph->nodes.first[location + 1];

	for (uint32_t i = to; i-- > from;) {
		uint32_t node = graph->nodes.list[i];

		if (graph->is_kept != NULL && graph->is_kept[node] == 0) {
			walk->is_residual = true;
			continue;
		}
		if (walk->parent != NODE_NONE && walk->parent != node &&
		    is_wanted(walk, node))
			add_call(walk, node, i + 1 != to);
		walk->parent = node;
		walk->is_residual = false;
	}
}

// By location: whether any of its nodes is kept. Most are not, so most of each walk is
// this one look.
static uint8_t *find_kept_locations(const struct graph *graph)
{
	const struct nodes *nodes = &graph->nodes;
	size_t count = graph->profile->location_count;
	uint8_t *is_kept = calloc(count + 1, 1);

	if (is_kept == NULL)
		arena_out_of_memory(count);
	for (size_t i = 0; i < count; i++) {
		for (uint32_t j = nodes->first[i]; j < nodes->first[i + 1]; j++)
			is_kept[i] |= graph->is_kept == NULL ||
				      graph->is_kept[nodes->list[j]] != 0;
	}
	return is_kept;
}

void graph_build_edges(struct graph *graph, const uint8_t *wanted)
{
	uint8_t *is_kept = find_kept_locations(graph);
	struct edge_walk walk = { .graph = graph, .wanted = wanted };

	edges_deinit(&graph->edges);
	for (uint32_t stack = 0; stack < graph->weights.count; stack++) {
		struct profile_stack_view view;

		if (graph->weights.is_seen[stack] == 0)
			continue;
		walk.stack = stack;
		walk.parent = NODE_NONE;
		walk.is_residual = false;
		view = profile_stack(graph->profile, stack);
		for (size_t i = view.count; i-- > 0;) {
			if (is_kept[view.locations[i]] != 0)
				walk_location(&walk, view.locations[i]);
			else
				walk.is_residual = true;
		}
	}
	count_calls(&walk);
	free(is_kept);
	edges_index(&graph->edges, graph->node_count);
}
