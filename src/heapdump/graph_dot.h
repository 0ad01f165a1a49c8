// Draws a heap in graphviz's language: every object, the surroundings of one, or types
// merged where there is too much to draw.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "heapdump/naming.h"

struct dominators;
struct heap;
struct writer;

struct graph_dot_options {
	size_t most_nodes; // objects and roots drawn one by one; 0: no limit
	enum naming_by by; // what merged nodes are
};

// All reachable objects and their roots; one node for each type or site where they are
// more than most_nodes. Classifies the heap if need be.
void graph_dot_whole(struct heap *heap, const struct dominators *dominators,
		     const struct graph_dot_options *options, struct writer *w);

// What is within `depth` pointers of an object, in both directions.
void graph_dot_around(struct heap *heap, const struct dominators *dominators,
		      uint32_t object, unsigned depth, struct writer *w);
