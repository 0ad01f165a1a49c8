// What a callgrind file says: costs of places in functions, and of calls from there.
// https://valgrind.org/docs/manual/cl-format.html
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

struct error;

enum { CALLGRIND_EVENTS_MAX = 64 };

#define CALLGRIND_NONE UINT32_MAX

struct callgrind_event {
	struct str name, unit; // "Ir", "count"
};

struct callgrind_function {
	struct str name, object, file; // "" unknown
	size_t first, count;           // its rows of `order`
};

// Where something costs: in `file`, which for inlined code is not its function's.
struct callgrind_place {
	uint32_t function;
	struct str file;
	uint64_t address; // 0 unknown
	int64_t line;     // 0 unknown
};

// The cost of a place itself, or of all that it called in `callee`.
struct callgrind_cost {
	uint32_t place, callee; // CALLGRIND_NONE: the place itself
};

// Strings are views of the file or live in the arena. Equal places and equal costs are
// one row each, whichever part of the file tells them.
struct callgrind_graph {
	struct arena arena;
	struct callgrind_event events[CALLGRIND_EVENTS_MAX];
	size_t event_count;
	struct str command; // "" unknown
	struct callgrind_function *functions;
	size_t function_count, function_capacity;
	struct callgrind_place *places;
	size_t place_count, place_capacity;
	struct callgrind_cost *costs;
	size_t cost_count, cost_capacity;
	int64_t *values; // cost_count * event_count, row by row
	size_t value_capacity;
	uint32_t *order; // rows of costs, by function
	struct map function_rows, place_rows, cost_rows;
};

// Borrows the bytes until callgrind_graph_deinit.
bool callgrind_graph_read(struct str bytes, struct callgrind_graph *out,
			  struct error *err) __attribute__((warn_unused_result));
void callgrind_graph_deinit(struct callgrind_graph *graph);

static inline const int64_t *callgrind_graph_values(const struct callgrind_graph *graph,
						    uint32_t cost)
{
	return graph->values + cost * graph->event_count;
}
