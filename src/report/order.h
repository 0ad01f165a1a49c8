// The orders in which reports show nodes and edges; each is total, so that equal values
// come out the same in every run.
#pragma once

#include "report/graph.h"

// Sorts the shown nodes by |flat|, by |cum|, or for pictures by how much the calls around
// a node tell; then by label. The last needs edges.
void order_nodes(struct graph *graph, enum report_sort sort);
void order_nodes_by_entropy(struct graph *graph);

// Sorts the lists of edges of each node by |weight|, then by the labels of both ends.
void order_edges(struct graph *graph);

// All edges of the shown nodes that were not removed, in that order; a block of *count
// rows that the caller frees.
uint32_t *order_all_edges(struct graph *graph, size_t *count);
