// Lists the threads, finds who waits for whom, then walks and counts each.
#include "recorder/threads.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/pages.h"
#include "profile/recording.h"
#include "recorder/capture.h"
#include "recorder/modules.h"
#include "recorder/other_stack.h"
#include "recorder/state.h"
#include "recorder/task.h"
#include "recorder/thread.h"
#include "recorder/walker.h"

enum { THREADS_MAX = 16384, TRIES = 3, GUESSES = 16 };

struct row {
	int tid;
	int waits_for; // the owner of the mutex that it waits for, 0: no mutex
	bool is_deadlocked;
	bool has_place; // false: it has ended
	struct task_place place;
};

struct look {
	struct other_stack stack;
	size_t count, overflow;
	bool is_ours; // the thread that asks is the recorder's: it is left out
	struct row rows[THREADS_MAX];
};

static struct row *find(struct look *look, int tid)
{
	for (size_t i = 0; i < look->count; i++) {
		if (look->rows[i].tid == tid)
			return &look->rows[i];
	}
	return NULL;
}

static void add_row(struct task_visitor *visitor, int tid)
{
	struct look *look = visitor->context;
	struct row *row = &look->rows[look->count];

	if (look->count == THREADS_MAX) {
		look->overflow++;
		return;
	}
	row->tid = tid;
	row->has_place = task_read_place(tid, &row->place);
	if (row->has_place)
		row->waits_for = task_mutex_owner(&row->place);
	look->count++;
}

// Follows owners for as many steps as there are threads: who comes back to itself is in
// a circle. A thread that waits for one in a circle, but is not in it, is not marked.
static void find_deadlocks(struct look *look)
{
	for (size_t i = 0; i < look->count; i++) {
		struct row *start = &look->rows[i], *row = start;

		for (size_t steps = 0; row != NULL && row->waits_for != 0 &&
				       steps < look->count && !start->is_deadlocked;
		     steps++) {
			row = find(look, row->waits_for);
			start->is_deadlocked = row == start;
		}
	}
}

static uint32_t text(const char *words)
{
	return recording_add_text(state_recording(), str_from(words));
}

static uint32_t label_set(const struct row *row, const char *state)
{
	char name[TASK_NAME_SIZE];
	uint64_t words[6];
	struct recording_key key = { .kind = RECORDING_LABELS, .words = words };
	struct recording_bucket *bucket;

	task_read_name(row->tid, name);
	words[key.count++] = text("thread");
	words[key.count++] = text(name);
	words[key.count++] = text("state");
	words[key.count++] = text(state);
	if (row->is_deadlocked) {
		words[key.count++] = text("deadlock");
		words[key.count++] = text("yes");
	}
	bucket = recording_add(state_recording(), &key);
	return bucket == NULL ? 0 : recording_id(state_recording(), bucket);
}

static void count_row(const struct row *row, const char *state,
		      const struct walker_stack *stack)
{
	struct recording_key key = { .kind = RECORDING_THREADS,
				     .labels = label_set(row, state),
				     .words = stack->addresses,
				     .count = stack->count,
				     .epoch = stack->epoch,
				     .is_truncated = stack->is_truncated };
	struct recording_bucket *bucket = recording_add(state_recording(), &key);

	if (bucket != NULL)
		capture_count(bucket, 0, 1);
	else
		capture_lose(RECORDING_THREADS, 1);
}

static struct walker_stack walk(struct look *look, struct walker *walker,
				const struct task_place *place)
{
	struct unwind_registers registers = {
		.value = { [UNWIND_RSP] = place->sp, [UNWIND_RIP] = place->pc },
		.known = 1u << UNWIND_RSP | 1u << UNWIND_RIP,
	};
	const struct memory *memory = &look->stack.memory;
	struct walker_stack stack;
	size_t cursor = 0;

	other_stack_copy(&look->stack, place->sp);
	stack = walker_walk_memory(walker, memory, &registers);
	for (int i = 0; i < GUESSES && stack.is_truncated; i++) {
		struct modules_view view = modules_view();
		uint64_t frame =
			other_stack_guess_frame(&look->stack, &view.space, &cursor);

		registers.value[UNWIND_RBP] = frame;
		registers.known |= 1u << UNWIND_RBP;
		if (frame == 0)
			break;
		stack = walker_walk_memory(walker, memory, &registers);
	}
	return stack;
}

// The stack of a thread that slept from before the walk until after it.
static void take_row(struct look *look, struct walker *walker, struct row *row)
{
	struct walker_stack none = { .is_truncated = true };

	for (int i = 0; i < TRIES && row->has_place; i++) {
		struct walker_stack stack;

		if (!row->place.is_running) {
			stack = walk(look, walker, &row->place);
			if (task_has_stayed(row->tid, &row->place)) {
				count_row(row, task_state(&row->place), &stack);
				return;
			}
		}
		row->has_place = task_read_place(row->tid, &row->place);
	}
	if (row->has_place)
		count_row(row, "running", &none);
}

// The thread that asks is where its caller is.
static void take_own(const struct row *row)
{
	struct unwind_registers caller = WALKER_CALLER();
	struct walker *walker = walker_acquire();
	struct walker_stack stack;

	if (walker == NULL)
		return;
	stack = walker_walk(walker, &caller);
	count_row(row, "running", &stack);
	walker_release(walker);
}

static void forget(struct recording *recording)
{
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	while ((bucket = recording_next(recording, RECORDING_THREADS, &cursor)) != NULL)
		atomic_store_explicit(
			&((struct recording_bucket *)(uintptr_t)bucket)->events[0], 0,
			memory_order_relaxed);
	atomic_store(&recording->states[RECORDING_THREADS].lost, 0);
}

static void take_all(struct look *look)
{
	struct task_visitor visitor = { add_row, look };
	struct walker *walker = walker_acquire();
	int self = (int)syscall(SYS_gettid);

	forget(state_recording());
	task_list(&visitor);
	find_deadlocks(look);
	for (size_t i = 0; walker != NULL && i < look->count; i++) {
		if (look->rows[i].tid == self && look->is_ours)
			continue;
		if (look->rows[i].tid == self)
			take_own(&look->rows[i]);
		else
			take_row(look, walker, &look->rows[i]);
	}
	if (walker == NULL)
		look->overflow += look->count;
	else
		walker_release(walker);
	if (look->overflow > 0)
		capture_lose(RECORDING_THREADS, look->overflow);
}

bool threads_begin(void)
{
	struct look *look;
	int errnum = errno;
	bool was_inside = thread_state.is_inside;

	if (!state_begin())
		return false;
	look = pages_map(sizeof(*look));
	if (look == NULL)
		return false;
	while (atomic_flag_test_and_set_explicit(&recorder.threads_lock,
						 memory_order_acquire))
		sched_yield();
	look->is_ours = was_inside;
	thread_state.is_inside = true;
	take_all(look);
	thread_state.is_inside = was_inside;
	pages_unmap(look, sizeof(*look));
	errno = errnum;
	return true;
}

void threads_end(void)
{
	atomic_flag_clear_explicit(&recorder.threads_lock, memory_order_release);
}
