// Which nodes and edges a report shows, and in what order.
#pragma once

#include "report/graph.h"

struct node_tags;

// Leaves out the light nodes and sorts the others.
void trim_light_nodes(struct graph *graph, const struct graph_trim *trim);

// Then leaves out what is more than trim->node_count. tags may be NULL; in pictures they
// take up room.
void trim_to_count(struct graph *graph, const struct graph_trim *trim,
		   const struct node_tags *tags);

// After trim_to_count: the edges between the nodes shown, without the light ones, sorted;
// for pictures also without those that other paths make redundant. Where `wanted`
// is not NULL, only the edges of graph_build_edges, which no picture can have.
void trim_edges(struct graph *graph, const struct graph_trim *trim,
		const uint8_t *wanted);
