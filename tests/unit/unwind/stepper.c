// Drives ptrace. A call is an instruction that pushes the address behind itself.
#include "stepper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "binary/elf.h"
#include "unwind/table.h"

enum { DEPTH = 2048, MAPPINGS = 512, FILES = 128, COMPLAINTS = 12 };

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

struct file {
	char path[256];
	struct elf *elf;
	struct unwind_table *table;
};

static struct file *file_of(const char *path, pid_t pid, uint64_t start, uint64_t limit)
{
	static struct file files[FILES];
	static size_t count;
	struct process_memory memory = { { process_read }, pid };
	struct error err;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(files[i].path, path) == 0)
			return &files[i];
	}
	if (count == FILES || path[0] == '\0')
		return NULL;

	struct file *file = &files[count++];

	snprintf(file->path, sizeof(file->path), "%.255s", path);
	if (strcmp(path, "[vdso]") == 0) {
		struct file_view view = { .size = limit - start };
		uint8_t *bytes = malloc(view.size);

		process_read(&memory.memory, start, bytes, view.size);
		view.bytes = bytes;
		if (!elf_from_view_take(view, path, &file->elf, &err))
			return file;
	} else if (path[0] != '/' || !elf_open(path, &file->elf, &err)) {
		return file;
	}
	file->table = unwind_table_create(file->elf);
	return file;
}

// Of the first executable segment that shows this offset.
static uint64_t bias_of(const struct elf *elf, uint64_t start, uint64_t offset)
{
	uint64_t address;

	return elf != NULL && elf_address_of_offset(elf, offset, &address)
		       ? start - address
		       : 0;
}

const struct unwind_space *stepper_space(pid_t pid)
{
	static struct unwind_mapping mappings[MAPPINGS];
	static struct unwind_space space;
	char name[64], line[512];

	snprintf(name, sizeof(name), "/proc/%d/maps", pid);

	FILE *maps = fopen(name, "r");

	space = (struct unwind_space){ mappings, 0 };
	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		unsigned long start, limit, offset;
		char mode[8], path[256] = "";

		sscanf(line, "%lx-%lx %7s %lx %*s %*s %255s", &start, &limit, mode,
		       &offset, path);
		if (mode[2] != 'x' || space.count == MAPPINGS)
			continue;

		struct file *file = file_of(path, pid, start, limit);
		struct elf *elf = file == NULL ? NULL : file->elf;

		mappings[space.count++] =
			(struct unwind_mapping){ start, limit,
						 bias_of(elf, start, offset),
						 file == NULL ? NULL : file->table };
	}
	if (maps != NULL)
		fclose(maps);
	return &space;
}

// A return address and where on the stack it is.
struct call {
	uint64_t slot, address;
};

struct stepper {
	const struct stepper_options *options;
	struct stepper_result result;
	struct process_memory memory;
	const struct unwind_space *space;
	struct call calls[DEPTH];
	size_t depth;
	size_t complaints;
};

static struct unwind_registers registers_from(const struct user_regs_struct *u)
{
	return (struct unwind_registers){
		.value = { u->rax, u->rdx, u->rcx, u->rbx, u->rsi, u->rdi, u->rbp, u->rsp,
			   u->r8, u->r9, u->r10, u->r11, u->r12, u->r13, u->r14, u->r15,
			   u->rip },
		.known = (1u << UNWIND_REGISTERS) - 1,
	};
}

static bool is_mapped(const struct unwind_space *space, uint64_t pc)
{
	for (size_t i = 0; i < space->count; i++) {
		if (pc >= space->mappings[i].start && pc < space->mappings[i].limit)
			return true;
	}
	return false;
}

static void complain(struct stepper *s, const uint64_t *pcs, size_t count,
		     const char *end)
{
	if (!s->options->is_verbose || s->complaints++ >= COMPLAINTS)
		return;
	printf("%s, got:", end);
	for (size_t i = 0; i < count && i < 12; i++)
		printf(" %#lx", pcs[i]);
	printf("\n   true:");
	for (size_t i = 0; i < s->depth && i < 12; i++)
		printf(" %#lx", s->calls[s->depth - 1 - i].address);
	printf(" (%zu)", s->depth);
	for (size_t i = 0; i < s->space->count; i++) {
		const struct unwind_mapping *m = &s->space->mappings[i];

		if (pcs[0] >= m->start && pcs[0] < m->limit)
			printf(" in file at %#lx", pcs[0] - m->bias);
	}
	printf("\n");
}

static void check(struct stepper *s, const struct user_regs_struct *regs)
{
	static const char *const names[] = { "complete", "too deep", "stack cut",
					     "no table", "bad frame" };
	struct unwind_registers registers = registers_from(regs);
	static uint64_t pcs[DEPTH];
	static bool is_exact[DEPTH];
	enum unwind_end end;
	size_t count, equal = 1, expected = 1 + s->depth;

	if (!is_mapped(s->space, regs->rip))
		s->space = stepper_space(s->memory.pid);
	count = unwind_walk(s->space, &s->memory.memory, &registers, pcs, is_exact, DEPTH,
			    &end);
	s->result.walks++;
	s->result.ends[end]++;
	while (equal < count && equal < expected &&
	       pcs[equal] == s->calls[s->depth - equal].address)
		equal++;
	if (equal == count && equal == expected && end == UNWIND_COMPLETE) {
		s->result.right++;
		return;
	}
	if (equal == count && end != UNWIND_COMPLETE)
		s->result.truncated++;
	else
		s->result.wrong++;
	complain(s, pcs, count, names[end]);
}

static void follow(struct stepper *s, const struct user_regs_struct *before,
		   const struct user_regs_struct *after)
{
	uint64_t top;

	while (s->depth > 0 && s->calls[s->depth - 1].slot < after->rsp)
		s->depth--;
	if (after->rsp != before->rsp - 8 || s->depth == DEPTH ||
	    !memory_read_u64(&s->memory.memory, after->rsp, &top))
		return;
	if (top > before->rip + 1 && top <= before->rip + 9)
		s->calls[s->depth++] = (struct call){ after->rsp, top };
}

static pid_t spawn(const struct stepper_options *options)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	if (options->argv != NULL) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		dup2(null, 2);
		execvp(options->argv[0], (char **)options->argv);
		_exit(127);
	}
	raise(SIGSTOP);
	options->run();
	_exit(0);
}

// What the walk says before any step is taken on trust: it is the part of the stack
// that the oracle has not seen grow.
static void record_base(struct stepper *s, const struct user_regs_struct *regs)
{
	struct unwind_registers registers = registers_from(regs);
	static uint64_t base[DEPTH];
	static bool is_exact[DEPTH];
	enum unwind_end end;
	size_t count = 0;

	s->space = stepper_space(s->memory.pid);
	if (s->options->run != NULL || s->options->from_stop)
		count = unwind_walk(s->space, &s->memory.memory, &registers, base,
				    is_exact, DEPTH, &end);
	s->depth = count == 0 ? 0 : count - 1;
	for (size_t i = 1, slot = regs->rsp; i < count; slot += 8) {
		uint64_t word;

		if (!memory_read_u64(&s->memory.memory, slot, &word))
			break;
		if (word == base[i])
			s->calls[s->depth - i++] = (struct call){ slot, word };
	}
}

struct stepper_result stepper_run(const struct stepper_options *options)
{
	static struct stepper s;
	struct user_regs_struct before, after;
	size_t every = options->every == 0 ? 1 : options->every;
	int status, signal = 0;

	// Too large for a compound literal, which would stand on the stack first.
	memset(&s, 0, sizeof(s));
	s.options = options;
	s.memory = (struct process_memory){ { process_read }, spawn(options) };
	waitpid(s.memory.pid, &status, 0);
	if (options->from_stop) {
		ptrace(PTRACE_CONT, s.memory.pid, 0, 0);
		waitpid(s.memory.pid, &status, 0);
	}
	ptrace(PTRACE_GETREGS, s.memory.pid, 0, &before);
	record_base(&s, &before);
	for (size_t i = 0; options->steps == 0 || i < options->steps; i++) {
		if (i >= options->skip && i % every == 0)
			check(&s, &before);
		ptrace(PTRACE_SINGLESTEP, s.memory.pid, 0, signal);
		waitpid(s.memory.pid, &status, 0);
		if (!WIFSTOPPED(status))
			return s.result;
		signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		ptrace(PTRACE_GETREGS, s.memory.pid, 0, &after);
		follow(&s, &before, &after);
		before = after;
	}
	kill(s.memory.pid, SIGKILL);
	waitpid(s.memory.pid, &status, 0);
	return s.result;
}
