// PTRACE_SEIZE and PTRACE_INTERRUPT: no signal is sent, none is lost.
#include "target/pause.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "target/process.h"

enum { POLL_NS = 20000 };

static bool is_known(const struct pause *pause, int tid)
{
	for (size_t i = 0; i < pause->count; i++) {
		if (pause->threads[i].tid == tid)
			return true;
	}
	return false;
}

// How a thread came to stand still.
enum stop { STOP_RUNS, STOP_DONE, STOP_GONE };

static enum stop look(struct pause_thread *thread)
{
	struct user_regs_struct registers;
	int status;
	pid_t got = waitpid(thread->tid, &status, __WALL | WNOHANG);

	if (got == 0)
		return STOP_RUNS;
	if (got < 0 || !WIFSTOPPED(status))
		return STOP_GONE;
	if (status >> 16 == 0)
		thread->signal = WSTOPSIG(status);
	if (ptrace(PTRACE_GETREGS, thread->tid, NULL, &registers) != 0)
		return STOP_GONE;
	thread->pc = registers.rip;
	thread->sp = registers.rsp;
	return STOP_DONE;
}

// Waits until a thread stands still; false when the time is up.
static bool wait_for(struct pause *pause, struct pause_thread *thread, enum stop *how)
{
	struct timespec nap = { .tv_nsec = POLL_NS };

	while ((*how = look(thread)) == STOP_RUNS) {
		if (clock_now_ns() > pause->deadline_ns)
			return false;
		nanosleep(&nap, NULL);
	}
	return true;
}

static bool seize(struct pause *pause, int tid, struct error *err)
{
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) != 0)
		return errno == ESRCH ||
		       error_set_errno(
			       err, errno,
			       "its threads cannot be stopped (another debugger, or "
			       "no right to)");
	pause->threads = table_reserve(pause->threads, &pause->capacity, pause->count + 1,
				       sizeof(*pause->threads));
	pause->threads[pause->count++] = (struct pause_thread){ .tid = tid };
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	return true;
}

static void forget(struct pause *pause, size_t index)
{
	pause->threads[index] = pause->threads[--pause->count];
}

static bool wait_all(struct pause *pause, size_t first, struct error *err)
{
	for (size_t i = first; i < pause->count;) {
		enum stop how;

		if (!wait_for(pause, &pause->threads[i], &how))
			return error_set(err, ERROR_LIMIT,
					 "its %zu threads did not stand still in time: "
					 "the process goes on: try a longer --stop-limit",
					 pause->count);
		if (how == STOP_GONE)
			forget(pause, i);
		else
			i++;
	}
	return true;
}

// Stops the threads not met yet; *has_new tells whether there were any.
static bool stop_round(struct pause *pause, bool *has_new, struct error *err)
{
	struct process_ids ids = { 0 };
	size_t first = pause->count;
	bool is_done = true;

	process_add_threads(pause->pid, &ids);
	for (size_t i = 0; i < ids.count && is_done; i++) {
		if (!is_known(pause, ids.ids[i]))
			is_done = seize(pause, ids.ids[i], err);
	}
	process_ids_deinit(&ids);
	*has_new = pause->count > first;
	return is_done && wait_all(pause, first, err);
}

bool pause_begin(int pid, int64_t limit_ns, struct pause *out, struct error *err)
{
	struct pause pause = { .pid = pid, .start_ns = clock_now_ns() };
	bool has_new = true;

	pause.deadline_ns = pause.start_ns + limit_ns;
	// A thread that is stopped starts no other, so a round that finds none is the
	// last.
	while (has_new) {
		if (!stop_round(&pause, &has_new, err)) {
			pause_end(&pause);
			return error_wrap(err, "process %d", pid);
		}
	}
	*out = pause;
	return true;
}

// One that was told to stop but does not stand still yet must do so to be let go.
static void release(struct pause_thread *thread)
{
	int status;

	if (ptrace(PTRACE_DETACH, thread->tid, NULL, (void *)(intptr_t)thread->signal) ==
	    0)
		return;
	if (waitpid(thread->tid, &status, __WALL) == thread->tid && WIFSTOPPED(status))
		ptrace(PTRACE_DETACH, thread->tid, NULL,
		       (void *)(intptr_t)(status >> 16 == 0 ? WSTOPSIG(status) : 0));
}

int64_t pause_end(struct pause *pause)
{
	int64_t lasted;

	if (pause->count == 0)
		return 0;
	for (size_t i = 0; i < pause->count; i++)
		release(&pause->threads[i]);
	lasted = clock_now_ns() - pause->start_ns;
	free(pause->threads);
	*pause = (struct pause){ 0 };
	return lasted;
}

void pause_pick_registers(const struct user_regs_struct *r, uint64_t out[PAUSE_REGISTERS])
{
	memcpy(out,
	       (uint64_t[PAUSE_REGISTERS]){ r->rax, r->rbx, r->rcx, r->rdx, r->rsi,
					    r->rdi, r->rbp, r->rsp, r->r8, r->r9, r->r10,
					    r->r11, r->r12, r->r13, r->r14, r->r15 },
	       PAUSE_REGISTERS * sizeof(*out));
}

bool pause_read_registers(const struct pause *pause, size_t thread,
			  uint64_t out[PAUSE_REGISTERS])
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pause->threads[thread].tid, NULL, &r) != 0)
		return false;
	pause_pick_registers(&r, out);
	return true;
}
