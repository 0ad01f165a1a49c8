// Every thread fills a chunk of the trace, then claims the next one: no locks, no
// waiting, and a bound on the whole. Whoever writes to the trace holds a walker, so that
// who ends it knows when nobody does any more.
#include "recorder/tracer.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "profile/recording.h"
#include "recorder/modules.h"
#include "recorder/thread.h"
#include "recorder/tracer_file.h"
#include "recorder/walker.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 // since Linux 5.14
#endif

enum { LABEL_WORDS_MAX = 64 };

uint64_t tracer_now_ns(void)
{
	return (uint64_t)clock_now_ns();
}

static struct recording *recording_of(struct trace_head *trace)
{
	return (struct recording *)((uintptr_t)trace + TRACE_HEAD_SIZE);
}

struct recording *tracer_recording(void)
{
	struct trace_head *trace = atomic_load(&recorder.trace);

	return trace == NULL ? NULL : recording_of(trace);
}

static void publish(struct trace_head *trace)
{
	modules_before_fork();
	atomic_store(&recorder.trace, trace);
	modules_record();
	modules_after_fork();
	atomic_store(&recorder.is_tracing, true);
}

bool tracer_begin(struct trace_head *trace, uint64_t recording_size)
{
	struct trace_head *none = NULL;

	if (!state_begin() || atomic_load(&recorder.trace) != none)
		return false;
	trace_init(trace, trace->size, recording_size);
	trace->started_ns = state_now_ns();
	trace->clock_ns = tracer_now_ns();
	recording_init(recording_of(trace), recording_size);
	state_describe(recording_of(trace));
	publish(trace);
	return true;
}

static uint64_t finish(struct trace_head *trace)
{
	uint64_t never = 0, claimed;

	atomic_compare_exchange_strong(&trace->ended_ns, &never, tracer_now_ns());
	claimed = atomic_exchange(&trace->claimed, UINT32_MAX);
	return trace_chunk_offset(trace, claimed);
}

uint64_t tracer_end(bool *is_left)
{
	struct trace_head *trace = atomic_load(&recorder.trace);
	uint64_t end;

	atomic_store(&recorder.is_tracing, false);
	modules_before_fork();
	atomic_store(&recorder.trace, NULL);
	modules_after_fork();
	*is_left = walker_await_all();
	end = finish(trace);
	atomic_fetch_add(&trace->lost, atomic_exchange(&recorder.untraced, 0));
	// Walkers that were not awaited know stacks of this trace: it stays the last one.
	if (!*is_left)
		atomic_store(&recorder.trace, trace);
	return end;
}

bool tracer_set_rate(uint64_t rate)
{
	struct trace_head *trace;
	uint64_t size, recording_size;

	if (rate == 0) {
		tracer_finish();
		return true;
	}
	if (!state_begin() || atomic_load(&recorder.trace) != NULL)
		return false;
	trace = tracer_file_map(&size, &recording_size);
	if (trace == NULL)
		return false;
	trace->size = size;
	trace->is_brief = recorder.settings.trace_is_brief;
	return tracer_begin(trace, recording_size);
}

// What the parent had is the parent's.
void tracer_reset_child(void)
{
	bool was_tracing = atomic_exchange(&recorder.is_tracing, false);

	thread_state.chunk = NULL;
	atomic_store(&recorder.trace, NULL);
	if (was_tracing && recorder.settings.trace.n > 0)
		tracer_set_rate(1);
}

// Nothing is written behind the chunks that were claimed, for the trace is over.
void tracer_finish(void)
{
	struct trace_head *trace = atomic_load(&recorder.trace);

	if (trace != NULL && recorder.trace_path[0] != '\0' &&
	    atomic_exchange(&recorder.is_tracing, false))
		tracer_file_cut(finish(trace));
}

static void lose(struct trace_head *trace)
{
	uint64_t never = 0;

	atomic_fetch_add_explicit(&trace->lost, 1, memory_order_relaxed);
	atomic_compare_exchange_strong(&trace->ended_ns, &never, tracer_now_ns());
}

// The kernel says whether there is room on the disk before the first write does.
static bool is_writable(void *chunk)
{
	uintptr_t page = (uintptr_t)chunk & ~(uintptr_t)(TRACE_HEAD_SIZE - 1);
	int errnum = errno;
	bool is_refused =
		madvise((void *)page, TRACE_CHUNK_SIZE, MADV_POPULATE_WRITE) != 0 &&
		errno != EINVAL;

	errno = errnum;
	return !is_refused;
}

static struct trace_chunk *claim(struct trace_head *trace)
{
	uint64_t number = atomic_load(&trace->claimed);
	struct trace_chunk *chunk;

	// Once it is full the count stays where it is.
	do {
		if (number >= trace_chunk_count(trace))
			return NULL;
	} while (!atomic_compare_exchange_weak(&trace->claimed, &number, number + 1));
	chunk = (struct trace_chunk *)((uintptr_t)trace +
				       trace_chunk_offset(trace, number));
	if (!is_writable(chunk))
		return NULL;
	if (thread_state.tid == 0)
		thread_state.tid = (uint32_t)syscall(SYS_gettid);
	chunk->tid = thread_state.tid;
	chunk->owner = (uintptr_t)&thread_state;
	chunk->begin_ns = chunk->last_ns = tracer_now_ns();
	return chunk;
}

static bool is_own_stack(const void *block)
{
	uintptr_t address = (uintptr_t)block;

	return address >= thread_state.stack_low && address < thread_state.stack_high;
}

// The chunk that the thread fills. What it filled of a trace before this one may be
// unmapped, or where this one is: then it is nobody's yet, or another thread's.
static struct trace_chunk *own_chunk(const struct trace_head *trace)
{
	struct trace_chunk *chunk = thread_state.chunk;

	if ((uintptr_t)chunk - (uintptr_t)trace >= trace->size ||
	    chunk->owner != (uintptr_t)&thread_state)
		return NULL;
	return chunk;
}

static void add(struct trace_head *trace, const struct trace_record *record)
{
	struct trace_chunk *chunk = own_chunk(trace);

	if (chunk != NULL && trace_add(chunk, record))
		return;
	// A full trace stays full, and the look at its counter is all that it costs.
	chunk = atomic_load_explicit(&trace->lost, memory_order_relaxed) == 0
			? claim(trace)
			: NULL;
	thread_state.chunk = chunk;
	if (chunk == NULL) {
		lose(trace);
		return;
	}
	// A free that was timed before the chunk was there.
	if (record->time_ns < chunk->begin_ns)
		chunk->begin_ns = chunk->last_ns = record->time_ns;
	trace_add(chunk, record);
}

// The labels of the thread, which are in the process's own recording.
static uint32_t translate_labels(struct recording *to)
{
	const struct recording *from = state_recording();
	const struct recording_bucket *labels =
		recording_at(from, thread_state.labels, RECORDING_LABELS);
	uint64_t words[LABEL_WORDS_MAX];
	struct recording_key key = { .kind = RECORDING_LABELS, .words = words };
	const struct recording_bucket *bucket;

	if (labels == NULL)
		return 0;
	key.count = labels->count < LABEL_WORDS_MAX ? labels->count : LABEL_WORDS_MAX;
	for (size_t i = 0; i < key.count; i++)
		words[i] = recording_add_text(
			to, recording_text(from, (uint32_t)labels->words[i]));
	bucket = recording_add(to, &key);
	return bucket == NULL ? 0 : recording_id(to, bucket);
}

// The id of the caller's stack; 0 when there is no more room.
static uint32_t add_stack(struct recording *recording, struct walker *walker,
			  const struct unwind_registers *caller)
{
	struct walker_stack stack = walker_walk_again(walker, caller);
	uint32_t *known = thread_state.labels == 0 ? stack.traced : NULL;
	struct recording_key key = {
		.kind = RECORDING_TRACE,
		.is_truncated = stack.is_truncated,
		.epoch = atomic_load_explicit(&recording->epoch, memory_order_relaxed),
		.words = stack.addresses,
		.count = stack.count,
	};
	const struct recording_bucket *bucket;
	uint32_t id;

	if (known != NULL && *known != 0)
		return *known;
	if (thread_state.labels != 0)
		key.labels = translate_labels(recording);
	bucket = recording_add(recording, &key);
	id = bucket == NULL ? 0 : recording_id(recording, bucket);
	if (known != NULL)
		*known = id;
	if (id != 0)
		return id;
	atomic_fetch_add_explicit(&recording->states[RECORDING_TRACE].lost, 1,
				  memory_order_relaxed);
	return 0;
}

static void note(struct trace_head *trace, struct walker *walker,
		 const struct tracer_event *event, const struct unwind_registers *caller)
{
	struct trace_record record = {
		.event = event->event,
		.address = (uintptr_t)event->block,
		.size = event->size,
		.time_ns = event->time_ns,
	};

	if (walker != NULL && (trace_has_size(event->event) || !trace->is_brief))
		record.stack = add_stack(recording_of(trace), walker, caller);
	if (record.event == TRACE_FREE && is_own_stack(event->block))
		record.event = TRACE_FREE_STACK;
	add(trace, &record);
}

void tracer_note(const struct tracer_event *event, const struct unwind_registers *caller)
{
	struct walker *walker = walker_acquire();

	// A file stays mapped, so that nobody need know of us.
	if (walker == NULL && recorder.trace_path[0] == '\0') {
		atomic_fetch_add(&recorder.untraced, 1);
		return;
	}
	// Pairs with tracer_end: either it sees the walker taken, or we the end.
	if (atomic_load(&recorder.is_tracing))
		note(atomic_load(&recorder.trace), walker, event, caller);
	if (walker != NULL)
		walker_release(walker);
}
