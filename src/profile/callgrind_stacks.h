// Stacks from costs of calls. A callgrind file knows who called whom and at what cost,
// not along which paths. A path is composed by taking a function's costs to be spread
// alike over what it calls, whoever called it, as gprof does. What functions cost by
// themselves is exact then, and what they cost with all they call and what each call
// costs are the file's, up to the paths too rare to be followed; only which callers of
// callers belong to which callees is an estimate.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct callgrind_graph;

// Receives a stack: places, the innermost first, and its value of each event.
struct callgrind_sink {
	void (*stack)(struct callgrind_sink *sink, const uint32_t *places, size_t count,
		      const int64_t *values);
};

void callgrind_stacks_compose(const struct callgrind_graph *graph,
			      struct callgrind_sink *sink);
