// A table of questions. A thread looks for its own whenever the signal comes, whoever
// sent it: where a timer's is pending, the kernel drops ours.
#include "recorder/thread_ask.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/pages.h"
#include "recorder/profile_signal.h"
#include "recorder/state.h"
#include "recorder/walker.h"

enum { ASKS = 256 };

enum ask_state { ASK_FREE, ASK_TAKEN, ASK_OPEN, ASK_WALKING, ASK_ANSWERED };

struct thread_ask {
	_Atomic int state;
	_Atomic int tid;
	struct thread_answer answer;
	uint64_t addresses[WALKER_FRAMES_MAX];
};

struct thread_asks {
	_Atomic int open; // how many questions there are
	struct thread_ask asks[ASKS];
};

static struct thread_asks *table(void)
{
	return atomic_load_explicit(&recorder.thread_asks, memory_order_acquire);
}

static bool map_table(void)
{
	struct thread_asks *none = NULL, *made;

	if (table() != NULL)
		return true;
	made = pages_map(sizeof(*made));
	if (made != NULL &&
	    !atomic_compare_exchange_strong(&recorder.thread_asks, &none, made))
		pages_unmap(made, sizeof(*made));
	return table() != NULL;
}

static struct thread_ask *claim(int tid)
{
	for (int i = 0; i < ASKS; i++) {
		struct thread_ask *ask = &table()->asks[i];
		int free = ASK_FREE;

		if (!atomic_compare_exchange_strong(&ask->state, &free, ASK_TAKEN))
			continue;
		atomic_store(&ask->tid, tid);
		atomic_fetch_add(&table()->open, 1);
		// Now the thread may answer.
		atomic_store(&ask->state, ASK_OPEN);
		return ask;
	}
	return NULL;
}

struct thread_ask *thread_ask_begin(int tid)
{
	siginfo_t info = { .si_signo = recorder.signal, .si_code = SI_QUEUE };
	struct thread_ask *ask;

	if (!map_table() || !profile_signal_install())
		return NULL;
	ask = claim(tid);
	if (ask == NULL)
		return NULL;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = ask;
	syscall(SYS_rt_tgsigqueueinfo, (long)getpid(), (long)tid, (long)recorder.signal,
		&info);
	return ask;
}

bool thread_ask_read(struct thread_ask *ask, struct thread_answer *out)
{
	if (atomic_load(&ask->state) != ASK_ANSWERED)
		return false;
	*out = ask->answer;
	return true;
}

void thread_ask_end(struct thread_ask *ask)
{
	int open = ASK_OPEN;

	// A walk takes microseconds, unless the thread loses its CPU.
	if (!atomic_compare_exchange_strong(&ask->state, &open, ASK_TAKEN)) {
		while (atomic_load(&ask->state) == ASK_WALKING)
			sched_yield();
	}
	atomic_fetch_sub(&table()->open, 1);
	atomic_store(&ask->state, ASK_FREE);
}

static void answer(struct thread_ask *ask, const void *context)
{
	struct unwind_registers registers = walker_interrupted(context);
	struct walker *walker = walker_acquire();
	struct walker_stack stack = { .is_truncated = true };

	if (walker != NULL)
		stack = walker_walk(walker, &registers);
	memcpy(ask->addresses, stack.addresses, stack.count * sizeof(*ask->addresses));
	ask->answer = (struct thread_answer){ ask->addresses, (uint32_t)stack.count,
					      stack.epoch, stack.is_truncated };
	if (walker != NULL)
		walker_release(walker);
}

void thread_ask_answer(const void *context)
{
	int tid;

	if (table() == NULL || atomic_load(&table()->open) == 0)
		return;
	tid = (int)syscall(SYS_gettid);
	for (int i = 0; i < ASKS; i++) {
		struct thread_ask *ask = &table()->asks[i];
		int open = ASK_OPEN;

		if (atomic_load(&ask->tid) != tid ||
		    !atomic_compare_exchange_strong(&ask->state, &open, ASK_WALKING))
			continue;
		answer(ask, context);
		atomic_store(&ask->state, ASK_ANSWERED);
	}
}

bool thread_ask_is_ours(const siginfo_t *info)
{
	uintptr_t at = (uintptr_t)info->si_value.sival_ptr;

	return info->si_code == SI_QUEUE && info->si_pid == getpid() && table() != NULL &&
	       at - (uintptr_t)table() < sizeof(struct thread_asks);
}

void thread_ask_reset_child(void)
{
	if (table() != NULL)
		memset(table(), 0, sizeof(struct thread_asks));
}
