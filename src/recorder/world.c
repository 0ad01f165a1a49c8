// The helper is a clone(2) that shares memory and descriptors: a process of its own,
// since a thread may not trace its siblings. It says how far it is in `phase`.
#include "recorder/world.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/pages.h"
#include "recorder/directory.h"
#include "recorder/task.h"

enum {
	STACK_SIZE = 256 << 10,
	STOP_LIMIT_MS = 1000,
	POLL_NS = 20000,
	WAIT_NS = 50000000, // between two looks whether the helper still lives
};

enum phase { PHASE_BEGIN, PHASE_GO, PHASE_STOPPED, PHASE_RESUME };

static void set_phase(struct world *world, enum phase phase)
{
	atomic_store(&world->phase, phase);
	syscall(SYS_futex, &world->phase, FUTEX_WAKE, 64, NULL, NULL, 0);
}

// Waits until a phase is reached; false when the process that brings it about is gone.
static bool wait_phase(struct world *world, enum phase phase, int helper)
{
	const struct timespec patience = { .tv_nsec = WAIT_NS };
	uint32_t now;

	while ((now = atomic_load(&world->phase)) < (uint32_t)phase) {
		if (helper != 0 && waitpid(helper, NULL, __WALL | WNOHANG) != 0)
			return atomic_load(&world->phase) >= (uint32_t)phase;
		if (helper == 0 && getppid() != world->parent)
			return false;
		syscall(SYS_futex, &world->phase, FUTEX_WAIT, now, &patience, NULL, 0);
	}
	return true;
}

static bool is_known(const struct world *world, int tid)
{
	for (size_t i = 0; i < world->count; i++) {
		if (world->threads[i].tid == tid)
			return true;
	}
	return false;
}

static void add_thread(void *context, const char *name)
{
	struct world *world = context;
	int tid = atoi(name);

	if (tid > 0 && tid != world->caller && world->count < WORLD_THREADS_MAX &&
	    !is_known(world, tid))
		world->threads[world->count++] = (struct world_thread){ .tid = tid };
}

// Of the process that asks, whom the helper knows by its id only.
static void add_threads(struct world *world)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", world->parent);
	directory_list(path, add_thread, world);
}

static void read_registers(struct world_thread *thread)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, thread->tid, NULL, &r) != 0)
		return;
	thread->registers[0] = r.rax;
	thread->registers[1] = r.rbx;
	thread->registers[2] = r.rcx;
	thread->registers[3] = r.rdx;
	thread->registers[4] = r.rsi;
	thread->registers[5] = r.rdi;
	thread->registers[6] = r.rbp;
	thread->registers[7] = r.rsp;
	thread->registers[8] = r.r8;
	thread->registers[9] = r.r9;
	thread->registers[10] = r.r10;
	thread->registers[11] = r.r11;
	thread->registers[12] = r.r12;
	thread->registers[13] = r.r13;
	thread->registers[14] = r.r14;
	thread->registers[15] = r.r15;
	thread->sp = r.rsp;
	thread->thread_pointer = r.fs_base;
	thread->is_stopped = true;
}

// Whether the thread stands still or is gone before the time is up.
static bool await_stop(struct world_thread *thread, int64_t deadline)
{
	const struct timespec nap = { .tv_nsec = POLL_NS };
	int status, got;

	while ((got = waitpid(thread->tid, &status, __WALL | WNOHANG)) == 0) {
		if (clock_now_ms() > deadline)
			return false;
		nanosleep(&nap, NULL);
	}
	if (got < 0 || !WIFSTOPPED(status))
		return true;
	if (status >> 16 == 0)
		thread->signal = WSTOPSIG(status);
	read_registers(thread);
	return true;
}

// Those that were not met before. A thread that stands still starts no other, so a round
// that finds none is the last.
static bool stop_new(struct world *world, int64_t deadline, bool *has_new)
{
	size_t first = world->count;

	add_threads(world);
	*has_new = world->count > first;
	for (size_t i = first; i < world->count; i++) {
		if (ptrace(PTRACE_SEIZE, world->threads[i].tid, NULL, NULL) != 0)
			return world->count == first;
		ptrace(PTRACE_INTERRUPT, world->threads[i].tid, NULL, NULL);
	}
	for (size_t i = first; i < world->count; i++) {
		if (!await_stop(&world->threads[i], deadline))
			return false;
	}
	return world->count < WORLD_THREADS_MAX;
}

static bool stop_all(struct world *world)
{
	int64_t deadline = clock_now_ms() + STOP_LIMIT_MS;
	bool has_new = true;

	while (has_new) {
		if (!stop_new(world, deadline, &has_new))
			return false;
	}
	return true;
}

// One that was told to stop but does not stand still yet goes on when the helper ends.
static void release_all(struct world *world)
{
	for (size_t i = 0; i < world->count; i++)
		ptrace(PTRACE_DETACH, world->threads[i].tid, NULL,
		       (void *)(intptr_t)world->threads[i].signal);
}

static int help(void *argument)
{
	struct world *world = argument;

	if (wait_phase(world, PHASE_GO, 0)) {
		atomic_store(&world->is_stopped, stop_all(world));
		if (!atomic_load(&world->is_stopped))
			release_all(world);
		set_phase(world, PHASE_STOPPED);
		wait_phase(world, PHASE_RESUME, 0);
		if (atomic_load(&world->is_stopped))
			release_all(world);
	}
	// Not _exit, which is our hook.
	syscall(SYS_exit_group, 0);
	return 0;
}

// Where blocked threads are the kernel tells without stopping them.
static void find_places(struct world *world)
{
	world->count = 0;
	add_threads(world);
	for (size_t i = 0; i < world->count; i++) {
		struct task_place place;

		if (task_read_place(world->threads[i].tid, &place) && !place.is_running)
			world->threads[i].sp = place.sp;
	}
}

// The helper may trace us where only ancestors may (the Yama module, prctl(2)).
static void permit(int helper)
{
	prctl(PR_SET_PTRACER, (unsigned long)helper, 0L, 0L, 0L);
}

void world_stop(struct world *world)
{
	char *stack = pages_map(STACK_SIZE);
	int helper = -1;

	world->parent = getpid();
	world->caller = (int)syscall(SYS_gettid);
	if (stack != NULL)
		helper =
			clone(help, stack + STACK_SIZE, CLONE_VM | CLONE_UNTRACED, world);
	world->stack = stack;
	world->helper = helper;
	if (helper > 0) {
		permit(helper);
		set_phase(world, PHASE_GO);
		if (!wait_phase(world, PHASE_STOPPED, helper))
			atomic_store(&world->is_stopped, false);
	}
	if (!atomic_load(&world->is_stopped))
		find_places(world);
}

void world_resume(struct world *world)
{
	if (world->helper > 0) {
		set_phase(world, PHASE_RESUME);
		while (waitpid(world->helper, NULL, __WALL) < 0 && errno == EINTR)
			;
		permit(0);
	}
	pages_unmap(world->stack, STACK_SIZE);
}
