// Graphs of hand-made profiles: values, residual edges, orders.
#include "report/trim.h"

#include "profile/profile.h"
#include "report/graph.h"
#include "report/order.h"
#include "test.h"
#include "tiny_profile.h"

static void init(struct graph *graph, const struct profile *profile)
{
	struct node_rules rules = { .functions = true };

	graph_init(graph, profile, &rules, 0, false, GRAPH_MERGED);
}

static uint32_t node_named(const struct graph *graph, const char *name)
{
	for (uint32_t i = 0; i < graph->node_count; i++) {
		if (str_equal(nodes_name(&graph->nodes, i), str_from(name)))
			return i;
	}
	return NODE_NONE;
}

static const struct edge *edge_between(const struct graph *graph, const char *from,
				       const char *to)
{
	struct edge_list out = edges_out(&graph->edges, node_named(graph, from));

	for (size_t i = 0; i < out.count; i++) {
		const struct edge *edge = &graph->edges.edges[out.rows[i]];

		if (edge->target == node_named(graph, to))
			return edge;
	}
	return NULL;
}

TEST(graph_counts_recursion_once)
{
	struct profile *profile = tiny_profile_create();
	struct graph graph;

	tiny_profile_add(profile, "main fib fib fib", 10);
	tiny_profile_add(profile, "main fib", 5);
	init(&graph, profile);
	CHECK_INT(graph_cum(&graph, node_named(&graph, "fib")), 15);
	CHECK_INT(graph_flat(&graph, node_named(&graph, "fib")), 15);
	CHECK_INT(graph_cum(&graph, node_named(&graph, "main")), 15);
	CHECK_INT(graph_flat(&graph, node_named(&graph, "main")), 0);
	graph_deinit(&graph);
	profile_destroy(profile);
}

TEST(trim_bridges_what_it_leaves_out)
{
	struct profile *profile = tiny_profile_create();
	struct graph_trim trim = { .node_count = 2 };
	struct graph graph;

	tiny_profile_add(profile, "a b c", 10);
	tiny_profile_add(profile, "a", 9);
	tiny_profile_add(profile, "b", 1);
	init(&graph, profile);
	trim_light_nodes(&graph, &trim);
	trim_to_count(&graph, &trim, NULL);
	trim_edges(&graph, &trim, NULL);
	CHECK_INT(graph.shown_count, 2);
	CHECK_INT(graph.full_count, 3);
	CHECK(edge_between(&graph, "a", "c") != NULL);
	CHECK(edge_between(&graph, "a", "c")->is_residual);
	CHECK_INT(edge_between(&graph, "a", "c")->weight, 10);
	graph_deinit(&graph);
	profile_destroy(profile);
}

TEST(trim_drops_light_nodes_and_edges)
{
	struct profile *profile = tiny_profile_create();
	struct graph_trim trim = { .node_fraction = 0.1, .edge_fraction = 0.3 };
	struct graph graph;

	tiny_profile_add(profile, "a b", 80);
	tiny_profile_add(profile, "a c b", 15);
	tiny_profile_add(profile, "a d", 5);
	init(&graph, profile);
	trim_light_nodes(&graph, &trim);
	trim_to_count(&graph, &trim, NULL);
	trim_edges(&graph, &trim, NULL);
	CHECK_INT(graph.dropped_nodes, 1);
	CHECK_INT(graph.node_cutoff, 10);
	CHECK(edge_between(&graph, "a", "b") != NULL);
	CHECK(edge_between(&graph, "a", "c") == NULL);
	CHECK_INT(graph.dropped_edges, 2);
	graph_deinit(&graph);
	profile_destroy(profile);
}

TEST(edge_is_inline_only_if_every_call_is)
{
	struct profile *profile = tiny_profile_create();
	struct graph_trim trim = { 0 };
	struct graph graph;

	tiny_profile_add(profile, "a +b", 1);
	tiny_profile_add(profile, "a +c", 1);
	tiny_profile_add(profile, "a c", 1);
	init(&graph, profile);
	trim_light_nodes(&graph, &trim);
	trim_to_count(&graph, &trim, NULL);
	trim_edges(&graph, &trim, NULL);
	CHECK(edge_between(&graph, "a", "b")->is_inline);
	CHECK(!edge_between(&graph, "a", "c")->is_inline);
	graph_deinit(&graph);
	profile_destroy(profile);
}

TEST(order_is_by_value_then_name)
{
	struct profile *profile = tiny_profile_create();
	struct graph_trim trim = { 0 };
	struct graph graph;

	tiny_profile_add(profile, "z", 5);
	tiny_profile_add(profile, "y", -7);
	tiny_profile_add(profile, "x", 5);
	init(&graph, profile);
	trim_light_nodes(&graph, &trim);
	trim_to_count(&graph, &trim, NULL);
	CHECK_INT(graph.order[0], node_named(&graph, "y"));
	CHECK_INT(graph.order[1], node_named(&graph, "x"));
	CHECK_INT(graph.order[2], node_named(&graph, "z"));
	graph_deinit(&graph);
	profile_destroy(profile);
}

TEST(order_by_cum)
{
	struct profile *profile = tiny_profile_create();
	struct graph_trim trim = { .sort = SORT_CUM };
	struct graph graph;

	tiny_profile_add(profile, "root leaf", 5);
	tiny_profile_add(profile, "root", 1);
	init(&graph, profile);
	trim_light_nodes(&graph, &trim);
	trim_to_count(&graph, &trim, NULL);
	CHECK_INT(graph.order[0], node_named(&graph, "root"));
	graph_deinit(&graph);
	profile_destroy(profile);
}

TEST(pictures_lose_redundant_edges)
{
	struct profile *profile = tiny_profile_create();
	struct graph_trim trim = { .node_fraction = 0.04, .is_visual = true };
	struct graph graph;

	// With x left out, a -> c is a bridge beside a -> b -> c.
	tiny_profile_add(profile, "a b c", 97);
	tiny_profile_add(profile, "a x c", 3);
	init(&graph, profile);
	trim_light_nodes(&graph, &trim);
	trim_to_count(&graph, &trim, NULL);
	trim_edges(&graph, &trim, NULL);
	CHECK(edge_between(&graph, "a", "b") != NULL);
	CHECK(edge_between(&graph, "a", "c") == NULL);
	graph_deinit(&graph);
	profile_destroy(profile);
}

TEST(call_tree_keeps_paths_apart)
{
	struct profile *profile = tiny_profile_create();
	struct node_rules rules = { .functions = true };
	struct graph graph;

	tiny_profile_add(profile, "a c", 1);
	tiny_profile_add(profile, "b c", 2);
	graph_init(&graph, profile, &rules, 0, false, GRAPH_CALL_TREE);
	CHECK_INT(graph.node_count, 4);
	CHECK_INT(graph.edges.count, 2);
	graph_deinit(&graph);
	profile_destroy(profile);
}
