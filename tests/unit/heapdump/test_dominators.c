// The dominator tree of random graphs against the definition: a node dominates what is
// not reachable without it.
#include "heapdump/dominators.h"

#include "go_sketch.h"
#include "heapdump/heap.h"
#include "test.h"

enum { NODES = 24, GRAPHS = 400, BASE = 0xc000100000, STRIDE = 1024 };

struct graph {
	unsigned nodes;
	bool edges[NODES][NODES];
	bool roots[NODES];
};

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static uint64_t address_of(unsigned node)
{
	return BASE + (uint64_t)node * STRIDE;
}

static uint64_t size_of(unsigned node)
{
	return 576 + 8 * node;
}

static void make_graph(struct graph *graph, uint64_t seed)
{
	uint64_t state = seed;
	unsigned density = 1 + (unsigned)(next_random(&state) % 3);

	*graph = (struct graph){ .nodes = 2 +
					  (unsigned)(next_random(&state) % (NODES - 1)) };
	for (unsigned i = 0; i < graph->nodes * density; i++)
		graph->edges[next_random(&state) % graph->nodes]
			    [next_random(&state) % graph->nodes] = true;
	for (unsigned i = 0; i <= seed % 3; i++)
		graph->roots[next_random(&state) % graph->nodes] = true;
}

static size_t list_pointers(const struct graph *graph, const bool *targets, uint64_t *out)
{
	size_t count = 0;

	for (unsigned i = 0; i < graph->nodes; i++) {
		if (targets[i])
			out[count++] = address_of(i) + 8 * (i % 2);
	}
	return count;
}

static void open_graph(const struct graph *graph, struct heap *out)
{
	struct go_sketch sketch = go_sketch_of_version("go1.21.0");
	uint64_t pointers[NODES];

	// From the last one on, so that reading has to sort.
	for (unsigned i = graph->nodes; i-- > 0;) {
		size_t count = list_pointers(graph, graph->edges[i], pointers);

		go_sketch_object(&sketch, address_of(i), size_of(i), pointers, count);
	}
	go_sketch_bss(&sketch, 0x500000, pointers,
		      list_pointers(graph, graph->roots, pointers));
	go_sketch_open(&sketch, out);
}

static void reach(const struct graph *graph, unsigned node, unsigned without, bool *seen)
{
	if (node == without || seen[node])
		return;
	seen[node] = true;
	for (unsigned i = 0; i < graph->nodes; i++) {
		if (graph->edges[node][i])
			reach(graph, i, without, seen);
	}
}

static void reach_all(const struct graph *graph, unsigned without, bool *seen)
{
	memset(seen, 0, NODES * sizeof(*seen));
	for (unsigned i = 0; i < graph->nodes; i++) {
		if (graph->roots[i])
			reach(graph, i, without, seen);
	}
}

// Without `node`, what of the reachable is lost.
static void check_node(const struct graph *graph, const struct dominators *dominators,
		       unsigned node, const bool *reachable)
{
	bool left[NODES];
	uint64_t lost = 0;

	reach_all(graph, node, left);
	for (unsigned i = 0; i < graph->nodes; i++) {
		bool is_dominated = false;
		uint32_t at = i;

		if (!reachable[i] || left[i])
			continue;
		lost += size_of(i);
		while (at != HEAP_NONE && !is_dominated) {
			is_dominated = at == node;
			at = dominators->parents[at];
		}
		CHECK(is_dominated);
	}
	CHECK_INT(dominators->retained[node], lost);
}

TEST(dominators_equal_their_definition)
{
	for (uint64_t seed = 0; seed < GRAPHS; seed++) {
		struct graph graph;
		struct heap heap;
		struct dominators dominators;
		bool reachable[NODES];
		uint64_t bytes = 0;

		make_graph(&graph, seed);
		open_graph(&graph, &heap);
		dominators_init(&dominators, &heap);
		reach_all(&graph, NODES, reachable);
		CHECK_INT(heap.objects.count, graph.nodes);
		for (unsigned i = 0; i < graph.nodes; i++) {
			CHECK_INT(dominators_reach(&dominators, i), reachable[i]);
			bytes += reachable[i] ? size_of(i) : 0;
			if (reachable[i])
				check_node(&graph, &dominators, i, reachable);
		}
		CHECK_INT(dominators.reachable_bytes, bytes);
		dominators_deinit(&dominators);
		heap_deinit(&heap);
	}
}

// A chain longer than any stack, whose last node points back to the first.
TEST(dominators_of_a_long_chain)
{
	enum { LENGTH = 200000 };
	struct go_sketch sketch = go_sketch_of_version("go1.21.0");
	struct dominators dominators;
	struct heap heap;
	uint64_t first = 0xc000000000;

	for (uint64_t i = 0; i < LENGTH; i++) {
		uint64_t pointers[2] = { first + 16 * ((i + 1) % LENGTH), first };

		go_sketch_object(&sketch, first + 16 * i, 16, pointers, 2);
	}
	go_sketch_bss(&sketch, 0x500000, &first, 1);
	go_sketch_open(&sketch, &heap);
	dominators_init(&dominators, &heap);
	CHECK_INT(dominators.reachable, LENGTH);
	for (uint32_t i = 1; i < LENGTH; i++)
		CHECK_INT(dominators.parents[i], i - 1);
	CHECK_INT(dominators.retained[LENGTH / 2], LENGTH / 2 * 16);
	dominators_deinit(&dominators);
	heap_deinit(&heap);
}
