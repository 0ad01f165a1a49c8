// Trimming, equal to rebuilding the graph from all samples after each step: a node weighs
// the same whichever others are shown, so only edges are counted again.
#include "report/trim.h"

#include <stdlib.h>
#include <string.h>

#include "report/call_tree.h"
#include "report/node_tags.h"
#include "report/number.h"
#include "report/order.h"

static bool is_shown(const struct graph_value *value, bool drop_negative)
{
	if (value->flat == 0 && value->cum == 0)
		return false;
	return !drop_negative ||
	       (value->flat >= 0 && (value->flat != 0 || value->cum >= 0));
}

static void list_nodes(struct graph *graph, const struct graph_trim *trim)
{
	size_t capacity = 0;
	int64_t total = 0;

	graph->order = table_reserve(NULL, &capacity, graph->node_count + 1,
				     sizeof(*graph->order));
	for (uint32_t i = 0; i < graph->node_count; i++) {
		if (!is_shown(&graph->values[i], trim->drop_negative))
			continue;
		graph->order[graph->shown_count++] = i;
		total = number_add(total, graph->values[i].flat);
	}
	graph->node_cutoff = number_abs(number_scale(total, trim->node_fraction));
	graph->edge_cutoff = number_abs(number_scale(total, trim->edge_fraction));
}

// Shows only the first `count` nodes of the order.
static void keep_first(struct graph *graph, size_t count)
{
	uint8_t *is_kept = calloc(graph->node_count + 1, 1);

	if (is_kept == NULL)
		arena_out_of_memory(graph->node_count);
	for (size_t i = 0; i < count; i++)
		is_kept[graph->order[i]] = 1;
	if (graph->shape == GRAPH_CALL_TREE) {
		call_tree_trim(graph, is_kept);
		free(is_kept);
		return;
	}
	free(graph->is_kept);
	graph->is_kept = is_kept;
	graph->shown_count = count;
}

static void drop_light_nodes(struct graph *graph)
{
	size_t heavy = 0;

	if (graph->node_cutoff <= 0)
		return;
	for (size_t i = 0; i < graph->shown_count; i++) {
		uint32_t node = graph->order[i];

		if (number_abs(graph->values[node].cum) < graph->node_cutoff)
			continue;
		graph->order[i] = graph->order[heavy];
		graph->order[heavy++] = node;
	}
	graph->dropped_nodes = graph->shown_count - heavy;
	if (graph->dropped_nodes > 0)
		keep_first(graph, heavy);
}

static void sort_for(struct graph *graph, const struct graph_trim *trim)
{
	if (!trim->is_visual) {
		order_nodes(graph, trim->sort);
		return;
	}
	if (graph->shape == GRAPH_MERGED)
		graph_build_edges(graph, NULL);
	order_nodes_by_entropy(graph);
}

// In pictures the boxes of labels count as nodes.
static size_t count_that_fits(const struct graph *graph, const struct graph_trim *trim,
			      const struct node_tags *tags)
{
	size_t limit = (size_t)trim->node_count, boxes = 0;

	for (size_t i = 0; trim->is_visual && i < graph->shown_count; i++) {
		boxes += 1 +
			 node_tags_count_boxes(tags, graph->order[i], graph->node_cutoff);
		if (boxes >= limit) {
			limit = i + 1;
			break;
		}
	}
	return limit < graph->shown_count ? limit : graph->shown_count;
}

static size_t drop_light_edges(struct graph *graph)
{
	size_t dropped = 0;

	for (size_t i = 0; i < graph->shown_count; i++) {
		struct edge_list in = edges_in(&graph->edges, graph->order[i]);

		for (size_t j = 0; j < in.count; j++) {
			struct edge *edge = &graph->edges.edges[in.rows[j]];

			edge->is_removed |= number_abs(edge->weight) < graph->edge_cutoff;
			dropped += edge->is_removed;
		}
	}
	if (dropped > 0)
		edges_index(&graph->edges, graph->node_count);
	return dropped;
}

void trim_light_nodes(struct graph *graph, const struct graph_trim *trim)
{
	list_nodes(graph, trim);
	drop_light_nodes(graph);
	graph->full_count = graph->shown_count;
	sort_for(graph, trim);
}

void trim_to_count(struct graph *graph, const struct graph_trim *trim,
		   const struct node_tags *tags)
{
	size_t count;

	if (trim->node_count <= 0)
		return;
	count = count_that_fits(graph, trim, tags);
	if (graph->shape == GRAPH_CALL_TREE)
		drop_light_edges(graph);
	if (count == graph->shown_count) {
		graph->is_uncut = true;
		return;
	}
	keep_first(graph, count);
	if (trim->is_visual)
		sort_for(graph, trim);
}

struct search {
	uint32_t *stamps; // by node: the edge last searched for, + 1
	uint32_t *queue;
	size_t length;
};

static bool reaches(const struct graph *graph, uint32_t row, struct search *search)
{
	const struct edge *edge = &graph->edges.edges[row];

	search->length = 0;
	search->queue[search->length++] = edge->target;
	search->stamps[edge->target] = row + 1;
	for (size_t i = 0; i < search->length; i++) {
		struct edge_list in = edges_in(&graph->edges, search->queue[i]);

		for (size_t j = 0; j < in.count; j++) {
			const struct edge *other = &graph->edges.edges[in.rows[j]];

			if (other == edge || other->is_removed ||
			    search->stamps[other->source] == row + 1)
				continue;
			if (other->source == edge->source)
				return true;
			search->stamps[other->source] = row + 1;
			search->queue[search->length++] = other->source;
		}
	}
	return false;
}

// Light residual edges go where another path leads from the same source to the same
// target; lighter nodes and edges first, and none heavier than a real edge.
static void drop_redundant_edges(struct graph *graph)
{
	struct search search = {
		.stamps = calloc(graph->node_count + 1, sizeof(uint32_t)),
		.queue = calloc(graph->node_count + 1, sizeof(uint32_t)),
	};

	if (search.stamps == NULL || search.queue == NULL)
		arena_out_of_memory(graph->node_count * sizeof(uint32_t));
	for (size_t i = graph->shown_count; i-- > 0;) {
		struct edge_list in = edges_in(&graph->edges, graph->order[i]);

		for (size_t j = in.count; j-- > 0;) {
			struct edge *edge = &graph->edges.edges[in.rows[j]];

			if (!edge->is_residual)
				break;
			edge->is_removed = reaches(graph, in.rows[j], &search);
		}
	}
	free(search.stamps);
	free(search.queue);
	edges_index(&graph->edges, graph->node_count);
}

void trim_edges(struct graph *graph, const struct graph_trim *trim, const uint8_t *wanted)
{
	size_t dropped;

	if (graph->shape == GRAPH_MERGED && !trim->is_visual)
		graph_build_edges(graph, wanted);
	dropped = drop_light_edges(graph);
	graph->dropped_edges = graph->is_uncut ? 0 : dropped;
	order_edges(graph);
	if (trim->is_visual) {
		drop_redundant_edges(graph);
		order_edges(graph);
	}
}
