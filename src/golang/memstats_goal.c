// GOGC's goal, or what the memory limit leaves room for where that is less.
#include "golang/memstats_goal.h"

#include "golang/field.h"
#include "golang/layout.h"
#include "golang/process.h"

enum { MIN_RUNWAY = 64 << 10, MIN_HEADROOM = 1 << 20, HEADROOM_PERCENT = 3 };

// Room for errors of the pacer; a share of the goal since 1.21.
static uint64_t headroom_of(const struct go_process *process, uint64_t goal)
{
	uint64_t share = process->version.minor >= 21 ? goal / 100 * HEADROOM_PERCENT : 0;

	return share > MIN_HEADROOM ? share : MIN_HEADROOM;
}

static uint64_t limit_goal(const struct go_process *process, const uint8_t *controller)
{
	const struct go_layout *layout = process->layout;
	uint64_t limit = field_u64(controller, layout->gc_controller.memory_limit);
	uint64_t marked = field_u64(controller, layout->gc_controller.heap_marked);
	uint64_t ready = field_u64(controller, layout->gc_controller.mapped_ready);
	uint64_t heap = field_u64(controller, layout->gc_controller.heap_free) +
			field_u64(controller, layout->gc_controller.total_alloc) -
			field_u64(controller, layout->gc_controller.total_free);
	uint64_t other = ready > heap ? ready - heap : 0;
	uint64_t overage = ready > limit ? ready - limit : 0;
	uint64_t goal, headroom;

	if (other + overage >= limit)
		return marked;
	goal = limit - (other + overage);
	headroom = headroom_of(process, goal);
	goal = goal < headroom || goal - headroom < headroom ? headroom : goal - headroom;
	return goal < marked ? marked : goal;
}

uint64_t memstats_goal(const struct go_process *process, const uint8_t *controller)
{
	const struct go_layout *layout = process->layout;
	uint64_t goal = field_u64(controller, layout->gc_controller.gc_percent_heap_goal);
	uint64_t sweep =
		field_u64(controller, layout->gc_controller.sweep_dist_min_trigger);
	uint64_t triggered = field_u64(controller, layout->gc_controller.triggered);
	uint64_t limited = limit_goal(process, controller);

	if (limited < goal)
		return limited;
	if (sweep > goal)
		goal = sweep;
	if (triggered != UINT64_MAX && goal < triggered + MIN_RUNWAY)
		goal = triggered + MIN_RUNWAY;
	return goal;
}
