// Calls between nodes, with what they weigh.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

struct edge {
	uint32_t source, target; // nodes
	int64_t weight, divisor;
	uint32_t stamp;   // the stack that was counted last
	bool is_residual; // bridges nodes that are left out
	bool is_inline;   // every call of it was inlined
	bool is_removed;
};

// Zero-initialised is empty and valid.
struct edges {
	struct map rows; // source and target -> row
	struct edge *edges;
	size_t count, capacity;
	// Rows by target (in) and by source (out), of node_count nodes: those of node i
	// are in[in_first[i]] up to in[in_first[i + 1]]. Set by edges_index.
	uint32_t *in, *in_first, *out, *out_first;
};

void edges_deinit(struct edges *edges);

// The edge of that pair, added without weight when new. Valid until the next call.
struct edge *edges_put(struct edges *edges, uint32_t source, uint32_t target);

// A call met in a stack: between two nodes, with what the stack weighs.
struct edge_call {
	uint32_t source, target, stack;
	bool is_residual, is_inline; // as in struct edge
	int64_t weight, divisor;
};

enum { EDGE_CALLS_MAX = 128 };

// Counts up to EDGE_CALLS_MAX calls, in their order: once for each edge and stack. Many
// at a time, since the table of a large graph is far away in memory.
void edges_count(struct edges *edges, const struct edge_call *calls, size_t count);

// Lists the edges of each node, skipping removed ones; done anew after each change.
void edges_index(struct edges *edges, size_t node_count);

struct edge_list {
	uint32_t *rows;
	size_t count;
};

static inline struct edge_list edges_in(const struct edges *edges, uint32_t node)
{
	uint32_t from = edges->in_first[node];

	return (struct edge_list){ edges->in + from, edges->in_first[node + 1] - from };
}

static inline struct edge_list edges_out(const struct edges *edges, uint32_t node)
{
	uint32_t from = edges->out_first[node];

	return (struct edge_list){ edges->out + from, edges->out_first[node + 1] - from };
}
