// SEMI-NCA over walk numbers. Labels are kept as values and paths are compressed by
// turning their links round, so that it needs sixteen bytes a node and no stack.
#include "heapdump/dominators.h"

#include <stdlib.h>

#include "heapdump/walk.h"

// Numbers only. Ancestors are links of the forest of nodes done so far.
struct solver {
	size_t count;
	uint32_t *dominators; // starts as the walk's parents
	uint32_t *ancestors, *labels, *semis;
	uint32_t *first_other; // by number: of its edges in `others`
	uint32_t *others;      // where they come from
};

static void index_others(struct solver *solver, struct walk *walk)
{
	uint32_t place = 0;

	solver->first_other = table_zeroed(walk->count + 1, sizeof(*solver->first_other));
	solver->others = table_zeroed(walk->other_count + 1, sizeof(*solver->others));
	for (size_t i = 0; i < walk->other_count; i++)
		solver->first_other[walk->others[i].to]++;
	for (size_t i = 0; i <= walk->count; i++) {
		uint32_t here = i < walk->count ? solver->first_other[i] : 0;

		place += here;
		solver->first_other[i] = place;
	}
	// Filling from the end of each list moves its start to the front.
	for (size_t i = 0; i < walk->other_count; i++)
		solver->others[--solver->first_other[walk->others[i].to]] =
			walk->others[i].from;
	free(walk->others);
	walk->others = NULL;
}

// The least label on the path from a node up to the first one not done, which is at or
// below `current`.
static uint32_t least_label(struct solver *solver, uint32_t node, uint32_t current)
{
	uint32_t *ancestors = solver->ancestors, *labels = solver->labels;
	uint32_t at = node, below = 0, top, least;

	if (node <= current)
		return node;
	while (ancestors[at] > current) {
		uint32_t above = ancestors[at];

		ancestors[at] = below;
		below = at;
		at = above;
	}
	top = ancestors[at];
	least = labels[at];
	while (below != 0) {
		uint32_t next = ancestors[below];

		least = labels[below] < least ? labels[below] : least;
		labels[below] = least;
		ancestors[below] = top;
		below = next;
	}
	return least;
}

static void find_semidominators(struct solver *solver)
{
	for (uint32_t w = (uint32_t)solver->count - 1; w >= 1; w--) {
		uint32_t semi = solver->dominators[w];

		for (uint32_t i = solver->first_other[w]; i < solver->first_other[w + 1];
		     i++) {
			uint32_t label = least_label(solver, solver->others[i], w);

			semi = label < semi ? label : semi;
		}
		solver->semis[w] = solver->labels[w] = semi;
		solver->ancestors[w] = solver->dominators[w];
	}
}

static void find_dominators(struct solver *solver)
{
	for (uint32_t w = 1; w < solver->count; w++) {
		uint32_t dominator = solver->dominators[w];

		while (dominator > solver->semis[w])
			dominator = solver->dominators[dominator];
		solver->dominators[w] = dominator;
	}
}

static void solve(struct walk *walk)
{
	struct solver solver = { .count = walk->count, .dominators = walk->parents };

	index_others(&solver, walk);
	solver.ancestors = table_zeroed(walk->count, sizeof(*solver.ancestors));
	solver.labels = table_zeroed(walk->count, sizeof(*solver.labels));
	solver.semis = table_zeroed(walk->count, sizeof(*solver.semis));
	find_semidominators(&solver);
	free(solver.ancestors);
	free(solver.labels);
	free(solver.first_other);
	free(solver.others);
	find_dominators(&solver);
	free(solver.semis);
}

static void take_tree(struct dominators *dominators, const struct walk *walk)
{
	size_t nodes = (size_t)dominators->origin + 1;

	dominators->parents = table_zeroed(nodes, sizeof(*dominators->parents));
	for (size_t i = 0; i < nodes; i++)
		dominators->parents[i] = HEAP_NONE;
	for (size_t i = 1; i < walk->count; i++)
		dominators->parents[walk->nodes[i]] = walk->nodes[walk->parents[i]];
}

// A node's number is greater than its dominator's, so one pass from the end adds all up.
static void add_up(struct dominators *dominators, const struct heap *heap,
		   const struct walk *walk)
{
	size_t nodes = (size_t)dominators->origin + 1;

	dominators->retained = table_zeroed(nodes, sizeof(*dominators->retained));
	for (uint32_t i = 0; i < heap->objects.count; i++) {
		struct heap_object object;

		heap_object_at(heap, i, &object);
		dominators->retained[i] = object.size;
		dominators->reachable += dominators_reach(dominators, i);
	}
	for (size_t i = walk->count - 1; i >= 1; i--) {
		uint32_t node = walk->nodes[i];

		dominators->retained[dominators->parents[node]] +=
			dominators->retained[node];
	}
	dominators->reachable_bytes = dominators->retained[dominators->origin];
}

void dominators_init(struct dominators *dominators, const struct heap *heap)
{
	struct walk walk;

	*dominators = (struct dominators){ .origin = (uint32_t)heap_node_count(heap) };
	walk_init(&walk, heap);
	solve(&walk);
	take_tree(dominators, &walk);
	add_up(dominators, heap, &walk);
	walk_deinit(&walk);
}

void dominators_deinit(struct dominators *dominators)
{
	free(dominators->parents);
	free(dominators->retained);
	*dominators = (struct dominators){ 0 };
}

void dominators_children_init(struct dominators_children *children,
			      const struct dominators *dominators)
{
	size_t nodes = (size_t)dominators->origin + 1;

	children->first = table_zeroed(nodes, sizeof(*children->first));
	children->next = table_zeroed(nodes, sizeof(*children->next));
	for (size_t i = 0; i < nodes; i++)
		children->first[i] = HEAP_NONE;
	for (uint32_t i = 0; i < nodes; i++) {
		uint32_t parent = dominators->parents[i];

		if (parent == HEAP_NONE)
			continue;
		children->next[i] = children->first[parent];
		children->first[parent] = i;
	}
}

void dominators_children_deinit(struct dominators_children *children)
{
	free(children->first);
	free(children->next);
	*children = (struct dominators_children){ 0 };
}
