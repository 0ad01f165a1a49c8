// Follows costs from the outermost functions to where they arise.
#include "profile/callgrind_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "profile/callgrind_graph.h"

enum {
	DEPTH_MAX = 200,
	// A path with less than one in so many parts of the total is not followed.
	PARTS_MAX = 100000,
	// Costs looked at in all: the end of what hostile files can ask for.
	STEPS_MAX = 50000000,
	// Callers shown of what was on no path that was followed.
	CHAIN_MAX = 64,
};

struct composing {
	const struct callgrind_graph *graph;
	struct callgrind_sink *sink;
	size_t events;
	double *inclusive;  // of each function, all events
	double *arriving;   // by calls of it
	double *total;      // of each event
	double *placed;     // of each cost that is a place's own: how much is on stacks
	int64_t *emitted;   // the same as it was handed over
	double *flow;       // scratch: a row for each depth
	uint32_t *heaviest; // call of each function that cost most, CALLGRIND_NONE
	uint32_t path[DEPTH_MAX + 1]; // places, outermost first
	uint32_t stack[DEPTH_MAX + 1];
	int64_t values[CALLGRIND_EVENTS_MAX];
	size_t steps;
};

static void add_to(double *sums, const int64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sums[i] += (double)values[i];
}

static void sum_up(struct composing *c)
{
	const struct callgrind_graph *graph = c->graph;

	memset(c->heaviest, 0xff, graph->function_count * sizeof(*c->heaviest));
	for (uint32_t i = 0; i < graph->cost_count; i++) {
		const struct callgrind_cost *cost = &graph->costs[i];
		const int64_t *values = callgrind_graph_values(graph, i);
		uint32_t caller = graph->places[cost->place].function;
		uint32_t *heaviest;

		add_to(c->inclusive + caller * c->events, values, c->events);
		if (cost->callee == CALLGRIND_NONE) {
			add_to(c->total, values, c->events);
			continue;
		}
		add_to(c->arriving + cost->callee * c->events, values, c->events);
		heaviest = &c->heaviest[cost->callee];
		if (caller != cost->callee &&
		    (*heaviest == CALLGRIND_NONE ||
		     values[0] > callgrind_graph_values(graph, *heaviest)[0]))
			*heaviest = i;
	}
}

// The part of a function's own cost that belongs to this path, rounded so that the sum
// over all paths stays right.
static void emit_own(struct composing *c, uint32_t cost, const double *shares,
		     size_t depth)
{
	const int64_t *own = callgrind_graph_values(c->graph, cost);
	bool is_some = false;

	for (size_t i = 0; i < c->events; i++) {
		size_t at = cost * c->events + i;
		int64_t whole;

		c->placed[at] += (double)own[i] * shares[i];
		whole = own[i];
		if (c->placed[at] + 0.5 < (double)own[i])
			whole = (int64_t)(c->placed[at] + 0.5);
		c->values[i] = own[i] > 0 ? whole - c->emitted[at] : 0;
		c->emitted[at] += c->values[i];
		is_some |= c->values[i] != 0;
	}
	if (!is_some)
		return;
	c->stack[0] = c->graph->costs[cost].place;
	for (size_t i = 0; i < depth; i++)
		c->stack[i + 1] = c->path[depth - 1 - i];
	c->sink->stack(c->sink, c->stack, depth + 1, c->values);
}

// What goes on into a call; false when that is too little to follow.
static bool split_flow(const struct composing *c, uint32_t cost, const double *shares,
		       double *out)
{
	const int64_t *values = callgrind_graph_values(c->graph, cost);
	bool is_enough = false;

	for (size_t i = 0; i < c->events; i++) {
		out[i] = values[i] > 0 ? (double)values[i] * shares[i] : 0;
		is_enough |= out[i] * PARTS_MAX > c->total[i];
	}
	return is_enough;
}

// Spreads what arrives at a function, flow[depth], over its own costs and its calls.
static void follow(struct composing *c, uint32_t function, size_t depth)
{
	const struct callgrind_function *row = &c->graph->functions[function];
	const double *inclusive = c->inclusive + function * c->events;
	double *flow = c->flow + depth * c->events, shares[CALLGRIND_EVENTS_MAX];

	for (size_t i = 0; i < c->events; i++) {
		shares[i] = inclusive[i] > 0 ? flow[i] / inclusive[i] : 0;
		if (shares[i] > 1)
			shares[i] = 1;
	}
	for (size_t i = 0; i < row->count && c->steps < STEPS_MAX; i++) {
		uint32_t cost = c->graph->order[row->first + i];
		const struct callgrind_cost *what = &c->graph->costs[cost];

		c->steps++;
		if (what->callee == CALLGRIND_NONE) {
			emit_own(c, cost, shares, depth);
			continue;
		}
		if (depth == DEPTH_MAX - 1 ||
		    !split_flow(c, cost, shares, flow + c->events))
			continue;
		c->path[depth] = what->place;
		follow(c, what->callee, depth + 1);
	}
}

// What is called by nobody, or costs more than all calls of it.
static void follow_roots(struct composing *c)
{
	for (uint32_t f = 0; f < c->graph->function_count; f++) {
		bool is_root = false;

		for (size_t i = 0; i < c->events; i++) {
			size_t at = f * c->events + i;

			c->flow[i] = c->inclusive[at] - c->arriving[at];
			if (c->flow[i] <= 0)
				c->flow[i] = 0;
			is_root |= c->flow[i] > 0;
		}
		if (is_root)
			follow(c, f, 0);
	}
}

// The callers that a function owes most to, up to the outermost or the first again.
static size_t fill_chain(const struct composing *c, uint32_t place, uint32_t *stack)
{
	uint32_t function = c->graph->places[place].function;
	size_t count = 0;

	stack[count++] = place;
	while (count < CHAIN_MAX && c->heaviest[function] != CALLGRIND_NONE) {
		uint32_t caller = c->graph->costs[c->heaviest[function]].place;

		for (size_t i = 0; i < count; i++) {
			if (stack[i] == caller)
				return count;
		}
		stack[count++] = caller;
		function = c->graph->places[caller].function;
	}
	return count;
}

// What was on no path that was followed stands below its heaviest callers.
static void emit_rest(struct composing *c)
{
	for (uint32_t cost = 0; cost < c->graph->cost_count; cost++) {
		const int64_t *own = callgrind_graph_values(c->graph, cost);
		bool is_some = false;
		size_t count;

		if (c->graph->costs[cost].callee != CALLGRIND_NONE)
			continue;
		for (size_t i = 0; i < c->events; i++) {
			c->values[i] = own[i] - c->emitted[cost * c->events + i];
			is_some |= c->values[i] != 0;
		}
		if (!is_some)
			continue;
		count = fill_chain(c, c->graph->costs[cost].place, c->stack);
		c->sink->stack(c->sink, c->stack, count, c->values);
	}
}

void callgrind_stacks_compose(const struct callgrind_graph *graph,
			      struct callgrind_sink *sink)
{
	size_t events = graph->event_count, functions = graph->function_count;
	struct composing *c = table_zeroed(1, sizeof(*c));

	c->graph = graph;
	c->sink = sink;
	c->events = events;
	c->inclusive = table_zeroed(functions * events + 1, sizeof(double));
	c->arriving = table_zeroed(functions * events + 1, sizeof(double));
	c->total = table_zeroed(events + 1, sizeof(double));
	c->placed = table_zeroed(graph->cost_count * events + 1, sizeof(double));
	c->emitted = table_zeroed(graph->cost_count * events + 1, sizeof(int64_t));
	c->flow = table_zeroed((DEPTH_MAX + 1) * events + 1, sizeof(double));
	c->heaviest = table_zeroed(functions + 1, sizeof(uint32_t));
	sum_up(c);
	follow_roots(c);
	emit_rest(c);
	free(c->inclusive);
	free(c->arriving);
	free(c->total);
	free(c->placed);
	free(c->emitted);
	free(c->flow);
	free(c->heaviest);
	free(c);
}
