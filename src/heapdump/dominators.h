// The dominator tree of a heap: a node's dominator is the nearest one that every way from
// the roots to it passes, so what a node retains is what would be free without it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "heapdump/heap.h"

// Tables by node: objects, then roots, then the origin above the roots. Blocks that it
// owns; borrows nothing.
struct dominators {
	uint32_t origin;    // node, the last
	uint32_t *parents;  // immediate dominator; HEAP_NONE: unreachable, or the origin
	uint64_t *retained; // bytes of objects; of an unreachable one its own size
	size_t reachable;   // objects
	uint64_t reachable_bytes;
};

// Practically linear in objects and pointers (Georgiadis, "Linear-Time Algorithms for
// Dominators and Related Problems", 2005, algorithm SEMI-NCA).
void dominators_init(struct dominators *dominators, const struct heap *heap);
void dominators_deinit(struct dominators *dominators);

// Children of each node as lists, in falling order of their numbers.
struct dominators_children {
	uint32_t *first; // by node; HEAP_NONE: no children
	uint32_t *next;  // by node; HEAP_NONE: the last of its list
};

void dominators_children_init(struct dominators_children *children,
			      const struct dominators *dominators);
void dominators_children_deinit(struct dominators_children *children);

static inline bool dominators_reach(const struct dominators *dominators, uint32_t node)
{
	return dominators->parents[node] != HEAP_NONE;
}
