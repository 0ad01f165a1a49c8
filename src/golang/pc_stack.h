// Stacks that the runtime keeps as lists of return addresses: in its heap, block, mutex
// and thread profiles.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct go_code;
struct go_point;

// The real frames of a list, leaf first; `points` has room for count of them. Lists that
// name each inlined call (runtime.Callers, heap profiles) and lists that name real frames
// alone (block and mutex profiles since Go 1.23) both work: calls that were inlined into
// a frame are lines of its point, and are not repeated. Returns how many.
size_t pc_stack_points(struct go_code *code, const uint64_t *pcs, size_t count,
		       const struct go_point **points);
