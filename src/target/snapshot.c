// System calls made by a stopped thread of the process, at a `syscall` instruction that
// it has anyway, with its registers put back afterwards.
#include "target/snapshot.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "base/error.h"
#include "target/live_memory.h"
#include "target/maps.h"
#include "target/pause.h"

enum {
	STOP_LIMIT_NS = 1000000000,
	CODE_SEARCHED = 1 << 20,
	STEPS_MAX = 64, // signals that may come between
	// Of the kernel's own use: a call that was interrupted and goes on by itself.
	ERESTARTSYS = 512,
	ERESTARTNOINTR = 513,
	ERESTARTNOHAND = 514,
	ERESTART_RESTARTBLOCK = 516,
};

static const unsigned char instruction[] = { 0x0f, 0x05 }; // syscall

// The address of a syscall instruction in executable memory, 0 where none was found.
static uint64_t find_in(int pid, const struct maps_entry *entry)
{
	const struct live_memory live = live_memory_of(pid);
	uint64_t size = entry->limit - entry->start, address = 0;
	unsigned char *code, *found;

	if (size > CODE_SEARCHED)
		size = CODE_SEARCHED;
	code = malloc(size);
	if (code != NULL && memory_read(&live.memory, entry->start, code, size)) {
		found = memmem(code, size, instruction, sizeof(instruction));
		address = found == NULL ? 0 : entry->start + (uint64_t)(found - code);
	}
	free(code);
	return address;
}

static uint64_t find_instruction(int pid, struct error *err)
{
	struct maps maps = { 0 };
	uint64_t address = 0;

	if (!maps_read(pid, &maps, err))
		return 0;
	for (size_t i = 0; i < maps.count && address == 0; i++) {
		if (maps.entries[i].is_executable && maps.entries[i].is_readable)
			address = find_in(pid, &maps.entries[i]);
	}
	maps_deinit(&maps);
	if (address == 0)
		error_set(err, ERROR_UNSUPPORTED,
			  "no place in its code to make a system call from: use --stop");
	return address;
}

// A call that the stop interrupted is made anew when the thread goes on: that is the
// kernel's work, but only from registers that say so.
static void restart_call(struct user_regs_struct *registers)
{
	int64_t result = (int64_t)registers->rax;

	if ((int64_t)registers->orig_rax < 0)
		return;
	if (result != -ERESTARTSYS && result != -ERESTARTNOINTR &&
	    result != -ERESTARTNOHAND && result != -ERESTART_RESTARTBLOCK)
		return;
	registers->rax = result == -ERESTART_RESTARTBLOCK ? SYS_restart_syscall
							  : registers->orig_rax;
	registers->rip -= sizeof(instruction);
	registers->orig_rax = (uint64_t)-1;
}

// Steps over the instruction. *child gets the process that a clone made. A signal that
// comes between is kept for the thread.
static bool step(struct pause_thread *thread, int *child)
{
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		int status, event;
		unsigned long message;

		if (ptrace(PTRACE_SINGLESTEP, thread->tid, NULL, NULL) != 0 ||
		    waitpid(thread->tid, &status, __WALL) != thread->tid ||
		    !WIFSTOPPED(status))
			return false;
		event = status >> 16;
		if (event == PTRACE_EVENT_CLONE &&
		    ptrace(PTRACE_GETEVENTMSG, thread->tid, NULL, &message) == 0)
			*child = (int)message;
		else if (event == 0 && WSTOPSIG(status) == SIGTRAP)
			return true;
		else if (event == 0)
			thread->signal = WSTOPSIG(status);
	}
	return false;
}

struct call {
	uint64_t number, arguments[4];
};

// Makes the thread do a system call; its registers are as before in every case.
static bool make_call(struct pause_thread *thread, uint64_t at, const struct call *call,
		      int64_t *result, int *child)
{
	struct user_regs_struct saved, registers;
	bool is_made;

	if (ptrace(PTRACE_GETREGS, thread->tid, NULL, &saved) != 0)
		return false;
	registers = saved;
	registers.rip = at;
	registers.rax = call->number;
	registers.orig_rax = (uint64_t)-1;
	registers.rdi = call->arguments[0];
	registers.rsi = call->arguments[1];
	registers.rdx = call->arguments[2];
	registers.r10 = call->arguments[3];
	registers.r8 = 0;
	if (ptrace(PTRACE_SETREGS, thread->tid, NULL, &registers) != 0)
		return false;
	is_made = step(thread, child) &&
		  ptrace(PTRACE_GETREGS, thread->tid, NULL, &registers) == 0;
	*result = is_made ? (int64_t)registers.rax : -EIO;
	restart_call(&saved);
	ptrace(PTRACE_SETREGS, thread->tid, NULL, &saved);
	return is_made;
}

static void wait_for_copy(int child)
{
	int status;

	waitpid(child, &status, __WALL);
}

bool snapshot_take(struct pause *pause, struct snapshot *out, struct error *err)
{
	// No flags: memory is copied, nobody is told when the copy ends.
	const struct call clone_call = { .number = SYS_clone };
	struct pause_thread *thread = &pause->threads[0];
	uint64_t at = find_instruction(pause->pid, err);
	long options = PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	int64_t result = 0;
	int child = 0;

	if (at == 0)
		return false;
	if (ptrace(PTRACE_SETOPTIONS, thread->tid, NULL, options) != 0)
		return error_set_errno(err, errno, "process %d: cannot be copied",
				       pause->pid);
	if (!make_call(thread, at, &clone_call, &result, &child) && child == 0)
		result = -EIO;
	ptrace(PTRACE_SETOPTIONS, thread->tid, NULL, 0L);
	if (child == 0 || result < 0)
		return error_set_errno(err, result < 0 ? (int)-result : EIO,
				       "process %d: cannot be copied (use --stop): clone",
				       pause->pid);
	wait_for_copy(child);
	*out = (struct snapshot){ .pid = child, .origin = pause->pid };
	return true;
}

// The process has to collect what is left of the copy itself.
static void collect(const struct snapshot *snapshot)
{
	const struct call wait_call = {
		.number = SYS_wait4,
		.arguments = { (uint64_t)snapshot->pid, 0, __WALL | WNOHANG, 0 },
	};
	struct pause pause;
	struct error ignored;
	uint64_t at = find_instruction(snapshot->origin, &ignored);
	int64_t result;
	int child = 0;

	if (at == 0 || !pause_begin(snapshot->origin, STOP_LIMIT_NS, &pause, &ignored))
		return;
	if (pause.count > 0 &&
	    !make_call(&pause.threads[0], at, &wait_call, &result, &child))
		result = -EIO;
	pause_end(&pause);
}

void snapshot_end(struct snapshot *snapshot)
{
	int status;

	if (snapshot->pid == 0)
		return;
	kill(snapshot->pid, SIGKILL);
	while (waitpid(snapshot->pid, &status, __WALL) == snapshot->pid &&
	       !WIFEXITED(status) && !WIFSIGNALED(status))
		;
	collect(snapshot);
	*snapshot = (struct snapshot){ 0 };
}
