// Lists the threads, walks each, finds who waits for whom, then counts them.
#include "recorder/threads.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/pages.h"
#include "profile/recording.h"
#include "recorder/modules.h"
#include "recorder/other_stack.h"
#include "recorder/serve_thread.h"
#include "recorder/state.h"
#include "recorder/task.h"
#include "recorder/task_wait.h"
#include "recorder/thread.h"
#include "recorder/thread_ask.h"
#include "recorder/thread_row.h"
#include "recorder/walker.h"

enum {
	THREADS_MAX = 16384,
	SLOTS = 2 * THREADS_MAX,
	TRIES = 3,
	GUESSES = 16,
	FEW_BYTES = 1536, // of stack, which is enough for most
	ASKED_AT_ONCE = 64,
	// How long threads that run may take to answer, in all.
	PATIENCE_NS = 50000000,
	STEP_NS = 50000,
};

struct look {
	int all; // the folder of threads
	int self;
	bool is_ours;    // the thread that asks is the recorder's: it is left out
	uint64_t now_ns; // by the scheduler's clock, 0: it is not known
	size_t count, overflow;
	size_t words_used;
	struct walker *walker;
	struct other_stack stack;
	uint16_t slots[SLOTS]; // 1 + the row of a thread, by its id
	struct thread_row rows[THREADS_MAX];
	uint64_t words[THREADS_MAX * WALKER_FRAMES_MAX];
};

static size_t slot_of(const struct look *look, int tid)
{
	size_t at = (uint32_t)tid * 0x9e3779b1u >> 17;

	while (look->slots[at] != 0 && look->rows[look->slots[at] - 1].tid != tid)
		at = (at + 1) % SLOTS;
	return at;
}

static struct thread_row *find(struct look *look, int tid)
{
	size_t at = slot_of(look, tid);

	return look->slots[at] == 0 ? NULL : &look->rows[look->slots[at] - 1];
}

static void add_row(struct task_visitor *visitor, int tid)
{
	struct look *look = visitor->context;

	if (serve_thread_is(tid) || (look->is_ours && tid == look->self))
		return;
	if (look->count == THREADS_MAX) {
		look->overflow++;
		return;
	}
	look->rows[look->count++].tid = tid;
	look->slots[slot_of(look, tid)] = (uint16_t)look->count;
}

static void keep_stack(struct look *look, struct thread_row *row,
		       const struct thread_answer *stack)
{
	uint64_t *words = look->words + look->words_used;

	memcpy(words, stack->addresses, stack->count * sizeof(*words));
	look->words_used += stack->count;
	row->addresses = words;
	row->count = stack->count;
	row->epoch = stack->epoch;
	row->is_whole = !stack->is_truncated;
}

static struct walker_stack walk_from(struct look *look, const struct task_place *place,
				     size_t bytes)
{
	struct unwind_registers registers = {
		.value = { [UNWIND_RSP] = place->sp, [UNWIND_RIP] = place->pc },
		.known = 1u << UNWIND_RSP | 1u << UNWIND_RIP,
	};
	const struct memory *memory = &look->stack.memory;
	struct walker_stack stack;
	size_t cursor = 0;

	other_stack_copy(&look->stack, place->sp, bytes);
	stack = walker_walk_memory(look->walker, memory, &registers);
	for (int i = 0; i < GUESSES && stack.is_truncated; i++) {
		struct modules_view view = modules_view();
		uint64_t frame =
			other_stack_guess_frame(&look->stack, &view.space, &cursor);

		registers.value[UNWIND_RBP] = frame;
		registers.known |= 1u << UNWIND_RBP;
		if (frame == 0)
			break;
		stack = walker_walk_memory(look->walker, memory, &registers);
	}
	return stack;
}

// The stack of a thread that sleeps. It is where it was before the copy: either it slept
// all the time, or it ran and went back there within the microsecond that a copy takes.
static bool take_sleeping(struct look *look, struct thread_row *row, int fd)
{
	struct walker_stack stack = walk_from(look, &row->place, FEW_BYTES);
	struct task_place now;

	if (stack.is_truncated)
		stack = walk_from(look, &row->place, OTHER_STACK_COPIED);
	if (!task_read_place(fd, &now) || !task_is_same_place(&now, &row->place))
		return false;
	keep_stack(look, row,
		   &(struct thread_answer){ stack.addresses, (uint32_t)stack.count,
					    stack.epoch, stack.is_truncated });
	return true;
}

static uint64_t waiting_since(const struct look *look, const struct thread_row *row)
{
	if (row->place.is_running || row->sleep.ran_ns == 0 ||
	    look->now_ns < row->sleep.ran_ns)
		return 0;
	return look->now_ns - row->sleep.ran_ns;
}

// False: it runs, and has no stack yet.
static bool take_row(struct look *look, struct thread_row *row)
{
	int fd = task_open_place(look->all, row->tid);
	bool is_taken = false;

	for (int i = 0; i < TRIES && !is_taken; i++) {
		row->has_ended = fd < 0 || !task_read_place(fd, &row->place);
		if (row->has_ended || row->place.is_running)
			break;
		is_taken = take_sleeping(look, row, fd);
	}
	if (fd >= 0)
		close(fd);
	if (row->has_ended)
		return true;
	if (!is_taken)
		row->place = (struct task_place){ .is_running = true };
	row->futex = task_wait_read_futex(&row->place);
	task_read_sleep(look->all, row->tid, &row->sleep);
	row->waiting_ns = waiting_since(look, row);
	return is_taken;
}

// The thread that asks is where its caller is.
static __attribute__((noinline)) void take_own(struct look *look, struct thread_row *row)
{
	struct unwind_registers caller = walker_caller();
	struct walker_stack stack = walker_walk(look->walker, &caller);

	row->place.is_running = true;
	task_read_sleep(look->all, row->tid, &row->sleep);
	keep_stack(look, row,
		   &(struct thread_answer){ stack.addresses, (uint32_t)stack.count,
					    stack.epoch, stack.is_truncated });
}

// Threads that run, a few at once: asked, and looked at again, because some go to sleep
// instead of answering.
struct questions {
	struct thread_row *rows[ASKED_AT_ONCE];
	struct thread_ask *asks[ASKED_AT_ONCE];
	size_t count;
	uint64_t patient_until_ns;
};

static void ask(struct look *look, struct questions *questions, struct thread_row *row)
{
	row->is_blocked = task_blocks(look->all, row->tid, recorder.signal);
	if (row->is_blocked)
		return;
	questions->rows[questions->count] = row;
	questions->asks[questions->count++] = thread_ask_begin(row->tid);
}

static bool is_settled(struct look *look, struct thread_row *row, struct thread_ask *ask)
{
	struct thread_answer answer;

	if (ask != NULL && thread_ask_read(ask, &answer)) {
		keep_stack(look, row, &answer);
		return true;
	}
	return take_row(look, row);
}

static void settle(struct look *look, struct questions *questions)
{
	struct timespec step = { 0, STEP_NS };
	size_t left = questions->count;

	while (left > 0 && (uint64_t)clock_now_ns() < questions->patient_until_ns) {
		left = 0;
		for (size_t i = 0; i < questions->count; i++) {
			struct thread_row *row = questions->rows[i];

			if (row != NULL && is_settled(look, row, questions->asks[i]))
				questions->rows[i] = NULL;
			left += questions->rows[i] != NULL;
		}
		if (left > 0)
			nanosleep(&step, NULL);
	}
	for (size_t i = 0; i < questions->count; i++) {
		if (questions->asks[i] != NULL)
			thread_ask_end(questions->asks[i]);
	}
	questions->count = 0;
}

static void take_all(struct look *look)
{
	struct questions questions = { .patient_until_ns =
					       (uint64_t)clock_now_ns() + PATIENCE_NS };

	for (size_t i = 0; i < look->count; i++) {
		struct thread_row *row = &look->rows[i];

		if (row->tid == look->self)
			take_own(look, row);
		else if (!take_row(look, row))
			ask(look, &questions, row);
		if (questions.count == ASKED_AT_ONCE)
			settle(look, &questions);
	}
	settle(look, &questions);
}

// An owner is one of the threads that are there.
static void check_owners(struct look *look)
{
	for (size_t i = 0; i < look->count; i++) {
		struct task_futex *futex = &look->rows[i].futex;

		if (futex->owner == 0 || find(look, futex->owner) != NULL)
			continue;
		futex->owner = 0;
		if (futex->wait == TASK_JOIN)
			futex->wait = TASK_FUTEX;
	}
}

// Follows owners for as many steps as there are threads: who comes back to itself is in
// a circle. A thread that waits for one in a circle, but is not in it, is not marked.
static void find_deadlocks(struct look *look)
{
	for (size_t i = 0; i < look->count; i++) {
		struct thread_row *start = &look->rows[i], *row = start;

		for (size_t steps = 0; row != NULL && row->futex.owner != 0 &&
				       steps < look->count && !start->is_deadlocked;
		     steps++) {
			row = find(look, row->futex.owner);
			start->is_deadlocked = row == start;
		}
	}
}

static struct recording *count_all(struct look *look)
{
	struct recording *recording;

	check_owners(look);
	find_deadlocks(look);
	recording = thread_row_begin(look->count);
	if (recording == NULL)
		return NULL;
	for (size_t i = 0; i < look->count; i++) {
		if (!look->rows[i].has_ended)
			thread_row_count(&look->rows[i], recording);
	}
	atomic_fetch_add(&recording->states[RECORDING_THREADS].lost, look->overflow);
	return recording;
}

// Of all threads, the one that asks has run last.
static void read_clock(struct look *look)
{
	struct task_sleep own;

	task_read_sleep(look->all, look->self, &own);
	look->now_ns = own.ran_ns;
}

static struct recording *look_at_all(struct look *look)
{
	struct task_visitor visitor = { add_row, look };
	struct recording *recording = NULL;

	look->all = task_open_all();
	if (look->all < 0)
		return NULL;
	look->self = (int)syscall(SYS_gettid);
	look->walker = walker_acquire();
	if (look->walker != NULL) {
		read_clock(look);
		task_list(look->all, &visitor);
		take_all(look);
		walker_release(look->walker);
		recording = count_all(look);
	}
	close(look->all);
	return recording;
}

struct recording *threads_take(void)
{
	struct recording *recording;
	struct look *look;
	int errnum = errno;
	bool was_inside = thread_state.is_inside;

	if (!state_begin())
		return NULL;
	look = pages_map(sizeof(*look));
	if (look == NULL)
		return NULL;
	look->is_ours = was_inside;
	thread_state.is_inside = true;
	recording = look_at_all(look);
	thread_state.is_inside = was_inside;
	pages_unmap(look, sizeof(*look));
	errno = errnum;
	return recording;
}

void threads_free(struct recording *recording)
{
	if (recording != NULL)
		pages_unmap(recording, recording->size);
}
