// Source: schedtrace and mcount in src/runtime/proc.go.
#include "golang/schedtrace.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "golang/field.h"
#include "golang/layout.h"
#include "golang/process.h"

enum {
	ATTEMPTS = 8, // at a list of processors that is being replaced
	STRUCT_LIMIT = 1 << 16,
	FIXED_RANGES = 3,
};

struct schedtrace {
	const struct go_process *process;
	const struct go_layout *layout;
	uint64_t sched, gomaxprocs, allp;
	int64_t begin_ns;
	uint64_t list[2]; // of runtime.allp: where it is and how many
	uint64_t addresses[SCHEDTRACE_PROCESSORS_MAX];
	int32_t head_size;                       // of a P: what is looked at lies within
	uint8_t *bytes;                          // of each P
	struct schedtrace_processor *processors; // NULL: not wanted
	uint8_t *sched_bytes;
	struct memory_range ranges[FIXED_RANGES + SCHEDTRACE_PROCESSORS_MAX];
};

// GOMAXPROCS may have changed since the last look.
static bool read_list(struct schedtrace *trace)
{
	const struct memory *memory = trace->process->memory;
	uint64_t list[2];

	trace->list[1] = 0;
	if (!memory_read(memory, trace->allp, list, sizeof(list)) || list[1] == 0 ||
	    list[1] > SCHEDTRACE_PROCESSORS_MAX ||
	    !memory_read(memory, list[0], trace->addresses, list[1] * sizeof(uint64_t)))
		return false;
	memcpy(trace->list, list, sizeof(list));
	return true;
}

// The list comes along, which shows whether those were its processors.
static bool read_all(struct schedtrace *trace, int32_t *gomaxprocs, bool *is_same)
{
	size_t count = trace->list[1], size = (size_t)trace->head_size;
	uint64_t list[2];

	trace->ranges[0] =
		(struct memory_range){ trace->sched, trace->sched_bytes,
				       (size_t)trace->layout->sched.size, false };
	trace->ranges[1] = (struct memory_range){ trace->gomaxprocs, gomaxprocs,
						  sizeof(*gomaxprocs), false };
	trace->ranges[2] =
		(struct memory_range){ trace->allp, list, sizeof(list), false };
	for (size_t i = 0; i < count; i++)
		trace->ranges[FIXED_RANGES + i] =
			(struct memory_range){ trace->addresses[i],
					       trace->bytes + i * size, size, false };
	if (go_process_read_many(trace->process, trace->ranges, FIXED_RANGES + count) !=
	    FIXED_RANGES + count)
		return false;
	*is_same = list[0] == trace->list[0] && list[1] == trace->list[1];
	return true;
}

static int32_t flag(const uint8_t *bytes, int32_t offset, int32_t size)
{
	return size == 1 ? bytes[offset] : (int32_t)field_u32(bytes, offset);
}

static void copy_sched(const struct schedtrace *trace, struct schedtrace_line *out)
{
	const struct go_layout *l = trace->layout;
	const uint8_t *sched = trace->sched_bytes;

	out->idle_processors = (int32_t)field_u32(sched, l->sched.npidle);
	out->threads = (int32_t)(field_u64(sched, l->sched.mnext) -
				 field_u64(sched, l->sched.nmfreed));
	out->spinning_threads = (int32_t)field_u32(sched, l->sched.nmspinning);
	out->needs_spinning = l->sched.needspinning == GO_ABSENT
				      ? 0
				      : (int32_t)field_u32(sched, l->sched.needspinning);
	out->idle_threads = (int32_t)field_u32(sched, l->sched.nmidle);
	out->run_queue = (int32_t)field_u32(sched, l->sched.runq_size);
	out->gc_waiting = flag(sched, l->sched.gcwaiting, l->sched.gcwaiting_size);
	out->idle_locked_threads = (int32_t)field_u32(sched, l->sched.nmidlelocked);
	out->stop_wait = (int32_t)field_u32(sched, l->sched.stopwait);
	out->sysmon_wait = flag(sched, l->sched.sysmonwait, l->sched.sysmonwait_size);
}

static void copy_processor(const struct go_layout *l, const uint8_t *p,
			   struct schedtrace_processor *out)
{
	*out = (struct schedtrace_processor){
		.m = field_u64(p, l->p.m),
		.status = field_u32(p, l->p.status),
		.syscall_tick = field_u32(p, l->p.syscalltick),
		.free_goroutines = (int32_t)field_u32(p, l->p.gfree_count),
		.timers = field_i64(p, l->p.timers_count),
	};
}

static void copy_line(const struct schedtrace *trace, struct schedtrace_line *out)
{
	const struct go_layout *l = trace->layout;

	out->elapsed_ns = clock_now_ns() - trace->begin_ns;
	out->minor = trace->process->version.minor;
	copy_sched(trace, out);
	out->processor_count = (int)trace->list[1];
	for (int i = 0; i < out->processor_count; i++) {
		const uint8_t *p = trace->bytes + (size_t)i * (size_t)trace->head_size;

		out->queues[i] =
			field_u32(p, l->p.runqtail) - field_u32(p, l->p.runqhead);
		out->ticks[i] = field_u32(p, l->p.schedtick);
		if (trace->processors != NULL)
			copy_processor(l, p, &trace->processors[i]);
	}
	out->processors = trace->processors;
}

bool schedtrace_read(struct schedtrace *trace, struct schedtrace_line *out)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		int32_t gomaxprocs = 0;
		bool is_same = false;

		if (trace->list[1] > 0 && !read_all(trace, &gomaxprocs, &is_same))
			return false;
		if (is_same) {
			out->gomaxprocs = gomaxprocs;
			copy_line(trace, out);
			return true;
		}
		if (!read_list(trace))
			return false;
	}
	return false;
}

// schedtrace counts from its first line on, where the program has traced itself.
static int64_t read_begin(const struct go_process *process)
{
	uint64_t start = go_process_find(process, STR("runtime.starttime"));
	uint64_t init = go_process_find(process, STR("runtime.runtimeInitTime"));
	uint64_t ns = start == 0 ? 0 : go_process_read_number(process, start, 8);

	if (ns == 0 && init != 0)
		ns = go_process_read_number(process, init, 8);
	return (int64_t)ns;
}

static int32_t max_of(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static int32_t head_size(const struct go_layout *l, enum schedtrace_depth depth)
{
	int32_t size = 4 + max_of(l->p.schedtick, max_of(l->p.runqhead, l->p.runqtail));

	return depth == SCHEDTRACE_QUEUES
		       ? size
		       : max_of(max_of(size, l->p.m + 8),
				8 + max_of(l->p.gfree_count, l->p.timers_count));
}

static bool find_variables(struct schedtrace *trace, enum schedtrace_depth depth,
			   struct error *err)
{
	const struct go_process *process = trace->process;
	const struct go_layout *l = trace->layout;

	if (process->core != NULL)
		return error_set(err, ERROR_USAGE,
				 "a core file does not run: try goprof goroutine");
	if (l->sched.size <= 0 || l->sched.size > STRUCT_LIMIT || l->p.size <= 0 ||
	    l->p.size > STRUCT_LIMIT)
		return error_set(err, ERROR_UNSUPPORTED, "its structures are too large");
	trace->head_size = head_size(l, depth);
	trace->begin_ns = read_begin(process);
	return go_process_need(process, STR("runtime.sched"), &trace->sched, err) &&
	       go_process_need(process, STR("runtime.gomaxprocs"), &trace->gomaxprocs,
			       err) &&
	       go_process_need(process, STR("runtime.allp"), &trace->allp, err);
}

bool schedtrace_open(const struct go_process *process, enum schedtrace_depth depth,
		     struct schedtrace **out, struct error *err)
{
	struct schedtrace *trace = table_zeroed(1, sizeof(*trace));

	trace->process = process;
	trace->layout = process->layout;
	if (!find_variables(trace, depth, err)) {
		schedtrace_close(trace);
		return false;
	}
	trace->sched_bytes = table_zeroed((size_t)trace->layout->sched.size, 1);
	trace->bytes = table_zeroed(SCHEDTRACE_PROCESSORS_MAX, (size_t)trace->head_size);
	if (depth == SCHEDTRACE_DETAIL)
		trace->processors = table_zeroed(SCHEDTRACE_PROCESSORS_MAX,
						 sizeof(*trace->processors));
	*out = trace;
	return true;
}

void schedtrace_close(struct schedtrace *trace)
{
	if (trace == NULL)
		return;
	free(trace->sched_bytes);
	free(trace->bytes);
	free(trace->processors);
	free(trace);
}
