// The pass over all stacks that gives each node its value.
#pragma once

#include "report/graph.h"

// Fills the values of a merged graph whose keys and weights are known. Large profiles are
// shared among threads; the result does not depend on their number.
void weigh_nodes(struct graph *graph);
