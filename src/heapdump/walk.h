// The order in which a depth-first walk from the roots meets the objects, and the edges
// that it did not walk: what dominators are computed from.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct heap;

// An edge to a node that had a number already.
struct walk_edge {
	uint32_t to, from; // numbers
};

// Reachable nodes have numbers from 1 on; 0 is the origin above all roots. Blocks that
// the walk owns.
struct walk {
	size_t count;      // of numbers, the origin included
	uint32_t *nodes;   // by number
	uint32_t *parents; // by number: the number it was first met from
	struct walk_edge *others;
	size_t other_count, other_capacity;
};

// Linear in objects and pointers; besides the walk, it holds four bytes an object and
// eight for each step of its depth.
void walk_init(struct walk *walk, const struct heap *heap);
void walk_deinit(struct walk *walk);
