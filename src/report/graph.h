// A profile as a graph: what each node weighs and, where asked for, who calls whom.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/edges.h"
#include "report/nodes.h"
#include "report/options.h"
#include "report/weights.h"

struct profile;

// Sums over samples: flat where the node is the leaf, cum where it occurs at all.
struct graph_value {
	int64_t flat, cum, flat_divisor, cum_divisor;
	uint32_t stamp; // the stack that was counted last
};

enum graph_shape {
	GRAPH_MERGED,    // a node for each key
	GRAPH_CALL_TREE, // a node for each key in each context
};

// What of the graph the report shows.
struct graph_trim {
	double node_fraction, edge_fraction; // of the sum of all flat values
	int64_t node_count;                  // at most so many nodes; 0: all
	enum report_sort sort;
	bool is_visual;     // ordered and thinned out for a picture
	bool drop_negative; // leave out nodes that shrank
};

// Owned by its user; the profile is borrowed and must outlive it.
struct graph {
	const struct profile *profile;
	struct nodes nodes; // the keys
	enum graph_shape shape;
	uint32_t *tree_keys; // of a call tree: the key of each node; else NULL
	struct map children; // of a call tree: parent + 1 and key -> node
	size_t node_count;
	struct weights weights;
	struct graph_value *values; // by node
	uint8_t *is_kept;           // by node: may take part in edges; NULL: all may
	uint32_t *order;            // the nodes shown, sorted
	size_t shown_count;
	struct edges edges;
	struct str *labels; // by node, made by graph_label when first asked for
	size_t full_count;  // nodes before node_count took effect
	size_t dropped_nodes, dropped_edges;
	bool is_uncut; // node_count was given but left out nothing
	int64_t node_cutoff, edge_cutoff;
	struct arena arena;
};

void graph_init(struct graph *graph, const struct profile *profile,
		const struct node_rules *rules, size_t value_index, bool has_means,
		enum graph_shape shape);
void graph_deinit(struct graph *graph);

static inline uint32_t graph_key(const struct graph *graph, uint32_t node)
{
	return graph->tree_keys == NULL ? node : graph->tree_keys[node];
}

static inline const struct node_key *graph_node_key(const struct graph *graph,
						    uint32_t node)
{
	return &graph->nodes.keys[graph_key(graph, node)];
}

// The node of that key below a parent (NODE_NONE: at the root), which must have been met
// when the graph was built.
static inline uint32_t graph_child(const struct graph *graph, uint32_t parent,
				   uint32_t key)
{
	if (graph->shape == GRAPH_MERGED)
		return key;
	return map_get(&graph->children, (uint64_t)(parent + 1) << 32 | key);
}

// The node in words; see nodes_label.
struct str graph_label(struct graph *graph, uint32_t node);

// Values as shown: means where there is a divisor.
int64_t graph_flat(const struct graph *graph, uint32_t node);
int64_t graph_cum(const struct graph *graph, uint32_t node);

// Which calls of a node are wanted.
enum graph_calls { GRAPH_CALLS_TO = 1, GRAPH_CALLS_FROM = 2 };

// Counts the calls between kept nodes; where `wanted` (by node, of enum graph_calls) is
// not NULL, only those that one of both nodes asks for.
void graph_build_edges(struct graph *graph, const uint8_t *wanted);

// Sums by group instead of by node: groups[node] is below group_count, or NODE_NONE. A
// stack counts once in a group's cum, however many of its nodes it goes through.
void graph_sum_groups(const struct graph *graph, const uint32_t *groups,
		      size_t group_count, struct graph_value *sums);
