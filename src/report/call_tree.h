// The graph as a tree: a function called through two paths is two nodes.
#pragma once

#include "report/graph.h"

// Fills nodes, values and edges of a graph whose keys and weights are known.
void call_tree_build(struct graph *graph);

// Leaves out the nodes of the order that are not kept; their children move up to the
// next ancestor.
void call_tree_trim(struct graph *graph, const uint8_t *is_kept);
