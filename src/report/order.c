// Comparisons of nodes and edges.
#include "report/order.h"

#include <math.h>
#include <stdlib.h>

#include "report/number.h"

struct node_rank {
	uint32_t node;
	uint64_t address;
	uint64_t first, second; // absolute values; the larger comes first
	struct str label;
};

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_names(const struct node_rank *a, const struct node_rank *b)
{
	if (a->address != 0 && b->address != 0 && a->address != b->address)
		return compare_u64(a->address, b->address);
	return str_compare(a->label, b->label);
}

static int compare_ranks(const void *left, const void *right)
{
	const struct node_rank *a = left, *b = right;
	int order = compare_u64(b->first, a->first);

	if (order == 0)
		order = compare_names(a, b);
	if (order == 0)
		order = compare_u64(b->second, a->second);
	return order != 0 ? order : compare_u64(a->node, b->node);
}

static double share_entropy(uint64_t weight, double total)
{
	double share = (double)weight / total;

	return -share * log2(share);
}

// How evenly a node's calls (and its own value, where given) are spread, in bits.
static double spread(const struct graph *graph, struct edge_list list, int64_t self)
{
	int64_t total = self;
	double bits = 0;

	for (size_t i = 0; i < list.count; i++) {
		int64_t weight = graph->edges.edges[list.rows[i]].weight;

		if (weight > 0)
			total = number_add(total, weight);
	}
	if (total == 0)
		return 0;
	for (size_t i = 0; i < list.count; i++) {
		int64_t weight = graph->edges.edges[list.rows[i]].weight;

		bits += share_entropy((uint64_t)number_abs(weight), (double)total);
	}
	if (self > 0)
		bits += share_entropy((uint64_t)self, (double)total);
	return bits;
}

// Nodes that merely pass a value on score low.
static int64_t entropy_score(const struct graph *graph, uint32_t node)
{
	const struct graph_value *value = &graph->values[node];
	struct edge_list in = edges_in(&graph->edges, node);
	struct edge_list out = edges_out(&graph->edges, node);
	double score = in.count == 0 ? 1 : spread(graph, in, 0);

	score += out.count == 0 ? 1 : spread(graph, out, value->flat);
	return number_add(number_from_double(score * (double)value->cum), value->flat);
}

enum node_order { ORDER_FLAT, ORDER_CUM, ORDER_ENTROPY };

static struct node_rank rank(struct graph *graph, uint32_t node, enum node_order order)
{
	const struct graph_value *value = &graph->values[node];
	uint64_t first = 0;

	switch (order) {
	case ORDER_FLAT:
		first = (uint64_t)number_abs(value->flat);
		break;
	case ORDER_CUM:
		first = (uint64_t)number_abs(value->cum);
		break;
	case ORDER_ENTROPY:
		// A score that is no number, of edges without weight, is the smallest
		// integer, which has no absolute value: it comes last.
		first = (uint64_t)number_abs(entropy_score(graph, node)) ^ UINT64_C(1)
										   << 63;
		break;
	}
	return (struct node_rank){
		.node = node,
		.address = graph_node_key(graph, node)->address,
		.first = first,
		.second = (uint64_t)number_abs(order == ORDER_FLAT ? value->cum
								   : value->flat),
		.label = graph_label(graph, node),
	};
}

static void sort_nodes(struct graph *graph, enum node_order order)
{
	size_t capacity = 0;
	struct node_rank *ranks =
		table_reserve(NULL, &capacity, graph->shown_count + 1, sizeof(*ranks));

	for (size_t i = 0; i < graph->shown_count; i++)
		ranks[i] = rank(graph, graph->order[i], order);
	qsort(ranks, graph->shown_count, sizeof(*ranks), compare_ranks);
	for (size_t i = 0; i < graph->shown_count; i++)
		graph->order[i] = ranks[i].node;
	free(ranks);
}

void order_nodes(struct graph *graph, enum report_sort sort)
{
	sort_nodes(graph, sort == SORT_CUM ? ORDER_CUM : ORDER_FLAT);
}

void order_nodes_by_entropy(struct graph *graph)
{
	sort_nodes(graph, ORDER_ENTROPY);
}

// A weight and its opposite (in comparisons with a base) are ordered by name, like equal
// ones (docs/differences.md, "order").
static int compare_edges(const void *left, const void *right, void *context)
{
	struct graph *graph = context;
	const struct edge *a = &graph->edges.edges[*(const uint32_t *)left];
	const struct edge *b = &graph->edges.edges[*(const uint32_t *)right];
	int order = compare_u64((uint64_t)number_abs(b->weight),
				(uint64_t)number_abs(a->weight));

	if (order == 0)
		order = str_compare(graph_label(graph, a->source),
				    graph_label(graph, b->source));
	if (order == 0)
		order = str_compare(graph_label(graph, a->target),
				    graph_label(graph, b->target));
	if (order == 0)
		order = compare_u64(a->source, b->source);
	return order != 0 ? order : compare_u64(a->target, b->target);
}

void order_edges(struct graph *graph)
{
	for (size_t i = 0; i < graph->shown_count; i++) {
		struct edge_list in = edges_in(&graph->edges, graph->order[i]);
		struct edge_list out = edges_out(&graph->edges, graph->order[i]);

		qsort_r(in.rows, in.count, sizeof(*in.rows), compare_edges, graph);
		qsort_r(out.rows, out.count, sizeof(*out.rows), compare_edges, graph);
	}
}

uint32_t *order_all_edges(struct graph *graph, size_t *count)
{
	size_t capacity = 0, n = 0;
	uint32_t *rows =
		table_reserve(NULL, &capacity, graph->edges.count + 1, sizeof(*rows));

	for (size_t i = 0; i < graph->shown_count; i++) {
		struct edge_list out = edges_out(&graph->edges, graph->order[i]);

		for (size_t j = 0; j < out.count; j++)
			rows[n++] = out.rows[j];
	}
	qsort_r(rows, n, sizeof(*rows), compare_edges, graph);
	*count = n;
	return rows;
}
