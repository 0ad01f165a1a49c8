// Keeps the newest sample of each thread.
#include "source/running_stacks.h"

#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "source/attach.h"
#include "target/perf_record.h"
#include "target/process.h"
#include "unwind/unwind.h"

enum {
	WATCH_NS = 20000000,
	PERIOD_NS = 1000000,
	STACK_BYTES = 32768,
};

struct watch {
	struct attach_sink sink;
	struct running_stacks *stacks;
	int pid;
};

static struct goroutine_thread *thread_of(struct running_stacks *stacks, int tid)
{
	uint32_t *row = map_put(&stacks->rows, (uint64_t)tid);

	if (*row == MAP_NONE) {
		stacks->threads =
			table_reserve(stacks->threads, &stacks->capacity,
				      stacks->count + 1, sizeof(*stacks->threads));
		stacks->threads[stacks->count] =
			(struct goroutine_thread){ .tid = process_namespace_tid(tid) };
		*row = (uint32_t)stacks->count++;
	}
	return &stacks->threads[*row];
}

static void keep(struct attach_sink *sink, const struct perf_record *record)
{
	struct watch *watch = (struct watch *)sink;
	const struct perf_sample *sample = &record->sample;
	struct goroutine_thread *thread;
	uint8_t *copy;

	if (record->type != PERF_RECORD_SAMPLE || record->pid != watch->pid ||
	    !sample->has_user || sample->stack_size == 0)
		return;
	thread = thread_of(watch->stacks, record->tid);
	if (thread->stack == NULL)
		thread->stack = arena_alloc(&watch->stacks->arena, STACK_BYTES);
	copy = (uint8_t *)(uintptr_t)thread->stack;
	thread->stack_size =
		sample->stack_size < STACK_BYTES ? sample->stack_size : STACK_BYTES;
	memcpy(copy, sample->stack, thread->stack_size);
	thread->pc = sample->registers.value[UNWIND_RIP];
	thread->sp = sample->registers.value[UNWIND_RSP];
}

bool running_stacks_sample(int pid, struct running_stacks *out, struct error *err)
{
	struct perf_event_options options = {
		.period_ns = PERIOD_NS,
		.stack_bytes = STACK_BYTES,
		.kernel = PERF_KERNEL_SAMPLED,
		.follow = PERF_FOLLOW_THREADS,
	};
	struct timespec nap = { .tv_nsec = WATCH_NS };
	struct watch watch = { .sink = { keep }, .stacks = out, .pid = pid };
	struct process_ids seen = { 0 };
	struct attach attach;
	bool is_attached;

	*out = (struct running_stacks){ 0 };
	attach_init(&attach, &options);
	is_attached = attach_process(&attach, pid, &seen, err);
	if (is_attached) {
		nanosleep(&nap, NULL);
		attach_stop(&attach);
		attach_drain(&attach, UINT64_MAX, &watch.sink);
	} else {
		error_wrap(err, "--sample");
	}
	attach_deinit(&attach);
	process_ids_deinit(&seen);
	return is_attached;
}

void running_stacks_deinit(struct running_stacks *stacks)
{
	map_deinit(&stacks->rows);
	free(stacks->threads);
	arena_deinit(&stacks->arena);
}
