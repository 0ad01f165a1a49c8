// Merges the addresses that belong to one real frame.
#include "golang/pc_stack.h"

#include "golang/code.h"

// How many of the addresses are lines of the point: the first, and those behind it that
// are its callers by inlining. A list shows such a caller as if it had a return address,
// one behind the call.
static size_t lines_taken(const struct go_point *point, const uint64_t *pcs, size_t count)
{
	size_t taken = 1;

	while (taken < count && taken < point->line_count &&
	       pcs[taken] == point->lines[taken].address + 1)
		taken++;
	return taken;
}

size_t pc_stack_points(struct go_code *code, const uint64_t *pcs, size_t count,
		       const struct go_point **points)
{
	size_t found = 0;

	for (size_t i = 0; i < count;) {
		const struct go_point *point =
			go_code_lines(code, go_code_at(code, pcs[i]));

		points[found++] = point;
		i += lines_taken(point, pcs + i, count - i);
	}
	return found;
}
