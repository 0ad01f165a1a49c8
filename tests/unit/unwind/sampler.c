// Samples a process through ptrace.
#include "sampler.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "stepper.h"
#include "unwind/rows.h"

enum { DEPTH = 512, PAUSE_US = 3000, START_US = 150000, COMPLAINTS = 20 };

struct process_memory {
	struct memory memory;
	pid_t pid;
};

static bool process_read(const struct memory *memory, uint64_t address, void *buffer,
			 size_t size)
{
	const struct process_memory *self = (const struct process_memory *)memory;
	struct iovec local = { buffer, size }, remote = { (void *)address, size };

	return process_vm_readv(self->pid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

static const struct unwind_mapping *mapping_of(const struct unwind_space *space,
					       uint64_t pc)
{
	for (size_t i = 0; i < space->count; i++) {
		if (pc >= space->mappings[i].start && pc < space->mappings[i].limit)
			return &space->mappings[i];
	}
	return NULL;
}

static const struct unwind_range *range_of(const struct unwind_mapping *mapping,
					   uint64_t pc)
{
	if (mapping == NULL || mapping->table == NULL)
		return NULL;
	return row_find_range(mapping->table, pc - mapping->bias);
}

// Whether a function ends in a jump to another: Go's wrappers between its two calling
// conventions, and tail calls.
static bool jumps_to(const struct process_memory *memory,
		     const struct unwind_mapping *mapping, uint64_t function,
		     const struct unwind_range *target)
{
	uint8_t code[64];
	int32_t distance;

	if (!process_read(&memory->memory, function, code, sizeof(code)))
		return false;
	for (size_t i = 0; i + 5 <= sizeof(code); i++) {
		__builtin_memcpy(&distance, code + i + 1, sizeof(distance));
		if (code[i] == 0xe9 &&
		    range_of(mapping, function + i + 5 + (uint64_t)(int64_t)distance) ==
			    target)
			return true;
	}
	return false;
}

// Counts a direct call whose target is a known function other than the frame below.
static bool check_edge(const struct unwind_space *space,
		       const struct process_memory *memory, uint64_t callee, uint64_t ra,
		       struct sampler_result *result)
{
	const struct unwind_mapping *mapping = mapping_of(space, callee);
	const struct unwind_range *range = range_of(mapping, callee);
	uint8_t call[5];
	int32_t distance;

	if (range == NULL || !process_read(&memory->memory, ra - 5, call, sizeof(call)) ||
	    call[0] != 0xe8)
		return true;
	__builtin_memcpy(&distance, call + 1, sizeof(distance));

	uint64_t target = ra + (uint64_t)(int64_t)distance;

	if (mapping_of(space, target) != mapping || range_of(mapping, target) == NULL)
		return true;
	result->edges++;
	if (range_of(mapping, target) == range ||
	    jumps_to(memory, mapping, target, range))
		return true;
	result->wrong++;
	return false;
}

static void walk_thread(pid_t pid, pid_t tid, struct sampler_result *result)
{
	struct process_memory memory = { { process_read }, pid };
	const struct unwind_space *space = stepper_space(pid);
	struct user_regs_struct u;
	uint64_t pcs[DEPTH];
	bool is_exact[DEPTH], is_right = true;
	enum unwind_end end;

	if (ptrace(PTRACE_GETREGS, tid, 0, &u) != 0)
		return;

	struct unwind_registers registers = {
		.value = { u.rax, u.rdx, u.rcx, u.rbx, u.rsi, u.rdi, u.rbp, u.rsp, u.r8,
			   u.r9, u.r10, u.r11, u.r12, u.r13, u.r14, u.r15, u.rip },
		.known = (1u << UNWIND_REGISTERS) - 1,
	};
	size_t count = unwind_walk(space, &memory.memory, &registers, pcs, is_exact,
				   DEPTH, &end);

	result->walks++;
	result->ends[end]++;
	result->complete += end == UNWIND_COMPLETE;
	for (size_t i = 1; i < count; i++) {
		if (!is_exact[i])
			is_right &=
				check_edge(space, &memory, pcs[i - 1] - !is_exact[i - 1],
					   pcs[i], result);
	}
	if (getenv("STEPPER") == NULL || (is_right && end == UNWIND_COMPLETE) ||
	    result->wrong + result->walks - result->complete > COMPLAINTS)
		return;
	printf("end %d:", end);
	for (size_t i = 0; i < count && i < 24; i++) {
		const struct unwind_mapping *m = mapping_of(space, pcs[i] - !is_exact[i]);

		printf(" %#lx", pcs[i] - (m == NULL ? 0 : m->bias));
	}
	printf("\n");
}

static void walk_threads(pid_t pid, struct sampler_result *result)
{
	char name[64];
	struct dirent *entry;

	snprintf(name, sizeof(name), "/proc/%d/task", pid);

	DIR *folder = opendir(name);

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		pid_t tid = atoi(entry->d_name);
		int status;

		if (tid == 0 || ptrace(PTRACE_SEIZE, tid, 0, 0) != 0)
			continue;
		ptrace(PTRACE_INTERRUPT, tid, 0, 0);
		if (waitpid(tid, &status, __WALL) == tid && WIFSTOPPED(status)) {
			walk_thread(pid, tid, result);
			ptrace(PTRACE_DETACH, tid, 0,
			       WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
		}
	}
	if (folder != NULL)
		closedir(folder);
}

struct sampler_result sampler_run(const char **argv, size_t rounds)
{
	struct sampler_result result = { 0 };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char **)argv);
		_exit(127);
	}
	usleep(START_US);
	for (size_t i = 0; i < rounds; i++) {
		walk_threads(pid, &result);
		usleep(PAUSE_US);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return result;
}
