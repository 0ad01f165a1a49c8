// Polls memstats.numgc. All that belongs to a collection is written before that count
// goes up and stays until gcStart sets work.tSweepTerm: a copy of `work` that has the
// same times before and after everything else was read vouches for all of it.
#include "golang/gctrace.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "golang/field.h"
#include "golang/layout.h"
#include "golang/process.h"

enum { STRUCT_LIMIT = 1 << 16, PAUSES = 256 };

struct gctrace {
	const struct go_process *process;
	const struct go_layout *layout;
	uint64_t work, controller, memstats;
	int64_t init_ns;   // runtimeInitTime
	uint32_t last;     // the newest collection that was given
	uint32_t forced;   // memstats.numforcedgc behind it
	uint32_t newest;   // that is known to have ended
	bool checks_leaks; // seen of the collection that runs
	// Copies of the three variables, `work` twice.
	uint8_t *before, *after, *pacer, *stats;
	struct arena arena;
};

static bool read_all(struct gctrace *trace)
{
	const struct go_layout *l = trace->layout;
	struct memory_range ranges[] = {
		{ trace->work, trace->before, (size_t)l->work.size, false },
		{ trace->controller, trace->pacer, (size_t)l->gc_controller.size, false },
		{ trace->memstats, trace->stats, (size_t)l->memstats.size, false },
		{ trace->work, trace->after, (size_t)l->work.size, false },
	};

	return go_process_read_many(trace->process, ranges, 4) == 4;
}

// Cheap: what is looked at thousands of times for nothing.
static bool look(struct gctrace *trace)
{
	const struct go_layout *l = trace->layout;
	struct memory_range ranges[] = {
		{ trace->memstats + (uint64_t)l->memstats.numgc, &trace->newest, 4,
		  false },
		{ trace->work, trace->before, (size_t)l->work.size, false },
	};
	int32_t leak = l->work.goroutine_leak_enabled;

	if (go_process_read_many(trace->process, ranges, 2) != 2)
		return false;
	// Reset before the collection can be seen to have ended.
	if (leak != GO_ABSENT && trace->before[leak] != 0 &&
	    field_i64(trace->before, l->work.t_sweep_term) >
		    field_i64(trace->before, l->work.t_end))
		trace->checks_leaks = true;
	return true;
}

static bool is_consistent(const struct gctrace *trace)
{
	const struct go_layout *l = trace->layout;
	const uint8_t *a = trace->before, *b = trace->after;
	int64_t sweep = field_i64(a, l->work.t_sweep_term),
		mark = field_i64(a, l->work.t_mark);
	int64_t term = field_i64(a, l->work.t_mark_term),
		end = field_i64(a, l->work.t_end);

	return sweep <= mark && mark <= term && term <= end &&
	       sweep == field_i64(b, l->work.t_sweep_term) &&
	       mark == field_i64(b, l->work.t_mark) &&
	       term == field_i64(b, l->work.t_mark_term) &&
	       end == field_i64(b, l->work.t_end) &&
	       end == field_i64(trace->stats, l->memstats.last_gc_nanotime);
}

// The cpu part counts mark by who did it: assists, workers, otherwise idle processors.
static void copy_times(const struct gctrace *trace, struct gctrace_cycle *out)
{
	const struct go_layout *l = trace->layout;
	const uint8_t *work = trace->before, *pacer = trace->pacer;
	int64_t sweep = field_i64(work, l->work.t_sweep_term);
	int64_t mark = field_i64(work, l->work.t_mark);
	int64_t term = field_i64(work, l->work.t_mark_term);
	int64_t stopped = (int32_t)field_u32(work, l->work.stwprocs);

	out->start_ns = sweep - trace->init_ns;
	out->clock_ns[0] = mark - sweep;
	out->clock_ns[1] = term - mark;
	out->clock_ns[2] = field_i64(work, l->work.t_end) - term;
	out->cpu_ns[0] = stopped * out->clock_ns[0];
	out->cpu_ns[1] = field_i64(pacer, l->gc_controller.assist_time);
	out->cpu_ns[2] = field_i64(pacer, l->gc_controller.dedicated_mark_time) +
			 field_i64(pacer, l->gc_controller.fractional_mark_time);
	out->cpu_ns[3] = field_i64(pacer, l->gc_controller.idle_mark_time);
	out->cpu_ns[4] = stopped * out->clock_ns[2];
}

static void copy_sizes(const struct gctrace *trace, struct gctrace_cycle *out)
{
	const struct go_layout *l = trace->layout;
	const uint8_t *work = trace->before, *pacer = trace->pacer;
	// Go 1.19 prints the room of all stacks, later ones what was scanned of them.
	int32_t stacks = trace->process->version.minor == 19
				 ? l->gc_controller.max_stack_scan
				 : l->gc_controller.last_stack_scan;

	out->heap_bytes[0] = field_u64(work, l->work.heap0);
	out->heap_bytes[1] = field_u64(work, l->work.heap1);
	out->heap_bytes[2] = field_u64(work, l->work.heap2);
	out->goal_bytes = field_u64(pacer, l->gc_controller.last_heap_goal);
	out->stack_bytes = field_u64(pacer, stacks);
	out->global_bytes = field_u64(pacer, l->gc_controller.globals_scan);
	out->processors = (int32_t)field_u32(work, l->work.maxprocs);
	memcpy(&out->cpu_fraction, trace->stats + l->memstats.gc_cpu_fraction,
	       sizeof(out->cpu_fraction));
}

static uint64_t pause_of(const struct gctrace *trace, uint32_t number)
{
	uint32_t slot = (number - 1) % PAUSES;

	return field_u64(trace->stats,
			 trace->layout->memstats.pause_ns + (int32_t)(slot * 8));
}

static void take_newest(struct gctrace *trace, struct gctrace_cycle *out)
{
	const struct go_layout *l = trace->layout;

	out->is_complete = is_consistent(trace);
	if (!out->is_complete)
		return;
	// work.userForced is set a moment before tSweepTerm, so the count says it better.
	out->is_forced =
		field_u32(trace->stats, l->memstats.numforcedgc) != trace->forced;
	out->checks_leaks = trace->checks_leaks;
	copy_times(trace, out);
	copy_sizes(trace, out);
}

// The first collection behind the last one, out of what was read.
static void give(struct gctrace *trace, struct gctrace_cycle *out)
{
	const struct go_layout *l = trace->layout;
	uint32_t forced = field_u32(trace->stats, l->memstats.numforcedgc);

	// Pauses of more than a ring ago are overwritten.
	if (trace->newest - trace->last > PAUSES)
		trace->last = trace->newest - PAUSES;
	*out = (struct gctrace_cycle){ .number = trace->last + 1 };
	out->pause_ns = pause_of(trace, out->number);
	if (out->number == trace->newest)
		take_newest(trace, out);
	else
		// Of those that were missed nobody knows which was forced.
		forced -= field_u32(trace->before, l->work.user_forced) & 1;
	trace->forced = forced;
	trace->last = out->number;
	trace->checks_leaks = false;
}

enum gctrace_state gctrace_next(struct gctrace *trace, struct gctrace_cycle *out)
{
	if (!look(trace))
		return GCTRACE_ENDED;
	if (trace->newest == trace->last)
		return GCTRACE_NONE;
	if (!read_all(trace))
		return GCTRACE_ENDED;
	trace->newest = field_u32(trace->stats, trace->layout->memstats.numgc);
	give(trace, out);
	return GCTRACE_CYCLE;
}

struct gctrace_place gctrace_place(const struct gctrace *trace, enum gctrace_part part)
{
	const struct go_layout *l = trace->layout;

	switch (part) {
	case GCTRACE_WORK:
		return (struct gctrace_place){ trace->work, (uint32_t)l->work.size };
	case GCTRACE_CONTROLLER:
		return (struct gctrace_place){ trace->controller,
					       (uint32_t)l->gc_controller.size };
	case GCTRACE_MEMSTATS:
		return (struct gctrace_place){ trace->memstats,
					       (uint32_t)l->memstats.size };
	case GCTRACE_PARTS:
		break;
	}
	return (struct gctrace_place){ 0 };
}

void gctrace_put(struct gctrace *trace, const uint8_t *const copies[GCTRACE_PARTS],
		 bool checks_leaks)
{
	const struct go_layout *l = trace->layout;

	memcpy(trace->before, copies[GCTRACE_WORK], (size_t)l->work.size);
	memcpy(trace->after, copies[GCTRACE_WORK], (size_t)l->work.size);
	memcpy(trace->pacer, copies[GCTRACE_CONTROLLER], (size_t)l->gc_controller.size);
	memcpy(trace->stats, copies[GCTRACE_MEMSTATS], (size_t)l->memstats.size);
	trace->newest = field_u32(trace->stats, l->memstats.numgc);
	trace->checks_leaks = checks_leaks;
}

bool gctrace_take(struct gctrace *trace, struct gctrace_cycle *out)
{
	// A flush that ends no collection, or one from before the trace.
	if ((int32_t)(trace->newest - trace->last) <= 0)
		return false;
	give(trace, out);
	return true;
}

static bool find_variables(struct gctrace *trace, struct error *err)
{
	const struct go_process *process = trace->process;
	const struct go_layout *l = process->layout;
	uint64_t init;

	if (process->core != NULL)
		return error_set(err, ERROR_USAGE,
				 "a core file has no collections to come: try goprof "
				 "memstats for those that were");
	if (l->work.size > STRUCT_LIMIT || l->gc_controller.size > STRUCT_LIMIT ||
	    l->memstats.size > STRUCT_LIMIT)
		return error_set(err, ERROR_UNSUPPORTED, "its structures are too large");
	if (!go_process_need(process, STR("runtime.work"), &trace->work, err) ||
	    !go_process_need(process, STR("runtime.gcController"), &trace->controller,
			     err) ||
	    !go_process_need(process, STR("runtime.memstats"), &trace->memstats, err) ||
	    !go_process_need(process, STR("runtime.runtimeInitTime"), &init, err))
		return false;
	trace->init_ns = (int64_t)go_process_read_number(process, init, 8);
	return true;
}

bool gctrace_begin(struct gctrace *trace)
{
	if (!read_all(trace))
		return false;
	trace->newest = field_u32(trace->stats, trace->layout->memstats.numgc);
	trace->last = trace->newest;
	trace->forced = field_u32(trace->stats, trace->layout->memstats.numforcedgc);
	return true;
}

bool gctrace_open(const struct go_process *process, struct gctrace **out,
		  struct error *err)
{
	const struct go_layout *l = process->layout;
	struct arena arena = { 0 };
	struct gctrace *trace = arena_alloc(&arena, sizeof(*trace));

	trace->arena = arena;
	trace->process = process;
	trace->layout = l;
	if (!find_variables(trace, err)) {
		gctrace_close(trace);
		return false;
	}
	trace->before = arena_alloc(&trace->arena, (size_t)l->work.size);
	trace->after = arena_alloc(&trace->arena, (size_t)l->work.size);
	trace->pacer = arena_alloc(&trace->arena, (size_t)l->gc_controller.size);
	trace->stats = arena_alloc(&trace->arena, (size_t)l->memstats.size);
	if (!gctrace_begin(trace)) {
		gctrace_close(trace);
		return error_set(err, ERROR_NOT_FOUND, "its memory cannot be read");
	}
	*out = trace;
	return true;
}

void gctrace_close(struct gctrace *trace)
{
	struct arena arena = { 0 };

	if (trace == NULL)
		return;
	arena = trace->arena;
	arena_deinit(&arena);
}

struct gctrace_setting gctrace_setting(const struct gctrace *trace)
{
	const struct go_layout *l = trace->layout;

	return (struct gctrace_setting){
		.gc_percent =
			(int32_t)field_u32(trace->pacer, l->gc_controller.gc_percent),
		.memory_limit = field_i64(trace->pacer, l->gc_controller.memory_limit),
	};
}
