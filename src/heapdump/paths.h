// The shortest ways from the roots to an object: why it is still there.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct heap;

// For each node the one that it was first reached from; blocks that it owns.
struct paths {
	uint32_t *from; // by node; HEAP_NONE: a root, or unreachable
};

// Breadth first, so that no way is shorter. Linear; eight bytes a node while it runs,
// four afterwards.
void paths_init(struct paths *paths, const struct heap *heap);
void paths_deinit(struct paths *paths);

// The first pointer of `from` into `to`: its offset in `from`.
uint64_t paths_offset(const struct heap *heap, uint32_t from, uint32_t to);

// A way to a node as a list, from the root to the node itself. The list is a block that
// the caller frees. An unreachable one is its own way.
uint32_t *paths_to(const struct paths *paths, uint32_t node, size_t *count);
