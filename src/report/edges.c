// The edge table and its index by node.
#include "report/edges.h"

#include <stdlib.h>

#include "base/arena.h"
#include "report/number.h"

static void free_index(struct edges *edges)
{
	free(edges->in);
	free(edges->in_first);
	free(edges->out);
	free(edges->out_first);
}

void edges_deinit(struct edges *edges)
{
	map_deinit(&edges->rows);
	free(edges->edges);
	free_index(edges);
	*edges = (struct edges){ 0 };
}

struct edge *edges_put(struct edges *edges, uint32_t source, uint32_t target)
{
	uint32_t *row = map_put(&edges->rows, (uint64_t)source << 32 | target);

	if (*row != MAP_NONE)
		return &edges->edges[*row];
	*row = (uint32_t)edges->count++;
	edges->edges = table_reserve(edges->edges, &edges->capacity, edges->count,
				     sizeof(*edges->edges));
	edges->edges[*row] = (struct edge){
		.source = source,
		.target = target,
		.stamp = UINT32_MAX,
		.is_inline = true,
	};
	return &edges->edges[*row];
}

static void count_call(struct edge *edge, const struct edge_call *call)
{
	if (edge->stamp == call->stack)
		return;
	edge->stamp = call->stack;
	edge->weight = number_add(edge->weight, call->weight);
	edge->divisor = number_add(edge->divisor, call->divisor);
	edge->is_residual |= call->is_residual;
	edge->is_inline &= call->is_inline;
}

void edges_count(struct edges *edges, const struct edge_call *calls, size_t count)
{
	uint32_t rows[EDGE_CALLS_MAX];

	for (size_t i = 0; i < count; i++)
		map_prefetch(&edges->rows,
			     (uint64_t)calls[i].source << 32 | calls[i].target);
	for (size_t i = 0; i < count; i++) {
		struct edge *edge = edges_put(edges, calls[i].source, calls[i].target);

		rows[i] = (uint32_t)(edge - edges->edges);
		__builtin_prefetch(edge);
	}
	for (size_t i = 0; i < count; i++)
		count_call(&edges->edges[rows[i]], &calls[i]);
}

enum edge_end { END_SOURCE, END_TARGET };

static uint32_t edge_node(const struct edge *edge, enum edge_end end)
{
	return end == END_SOURCE ? edge->source : edge->target;
}

static void index_by(const struct edges *edges, enum edge_end end, size_t node_count,
		     uint32_t **first_out, uint32_t **list_out)
{
	uint32_t *first = calloc(node_count + 2, sizeof(*first));
	uint32_t *list = calloc(edges->count + 1, sizeof(*list));

	if (first == NULL || list == NULL)
		arena_out_of_memory((node_count + edges->count) * sizeof(*first));
	for (size_t i = 0; i < edges->count; i++) {
		if (!edges->edges[i].is_removed)
			first[edge_node(&edges->edges[i], end) + 2]++;
	}
	for (size_t i = 2; i < node_count + 2; i++)
		first[i] += first[i - 1];
	for (size_t i = 0; i < edges->count; i++) {
		if (!edges->edges[i].is_removed)
			list[first[edge_node(&edges->edges[i], end) + 1]++] = (uint32_t)i;
	}
	*first_out = first;
	*list_out = list;
}

void edges_index(struct edges *edges, size_t node_count)
{
	free_index(edges);
	index_by(edges, END_TARGET, node_count, &edges->in_first, &edges->in);
	index_by(edges, END_SOURCE, node_count, &edges->out_first, &edges->out);
}
