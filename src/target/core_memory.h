// The memory of a process that a core file holds: from the kernel, from gdb's gcore.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/str.h"

struct elf;
struct error;

// A mapped file as NT_FILE tells it: [start, limit) shows the file from `offset` on.
struct core_file {
	uint64_t start, limit, offset; // offset in bytes
	struct str path;
	struct elf *elf; // opened when memory is missing, else NULL
	bool is_tried;
};

// A thread as NT_PRSTATUS tells it.
struct core_thread {
	int tid;
	struct user_regs_struct registers;
};

// Reads come from the core's segments, else from the mapped files: kernels leave out what
// a file still has. Files are opened when first needed. Reading may open, so one thread
// at a time.
struct core_memory {
	struct memory memory;
	struct elf *core;
	struct core_file *files;
	size_t file_count;
	struct core_thread *threads;
	size_t thread_count;
	int pid;
	int signal;             // that the first thread died of, 0: gcore's, or not known
	int64_t time_ns;        // when the file was last written, since 1970
	uint64_t executed_name; // address of the name that was executed, 0: not known
	struct arena arena;
};

// `binary` stands for the first file of the core, the program, where it is not NULL.
// Refuses what is not a 64-bit core file.
bool core_memory_open(const char *path, const char *binary, struct core_memory **out,
		      struct error *err) __attribute__((warn_unused_result));
// Whether the notes of the file, its build id among them, are those that the process had
// mapped `bias` above the file's own addresses; true where the core does not hold them.
bool core_memory_ran(const struct core_memory *core, const struct elf *elf,
		     uint64_t bias);

void core_memory_close(struct core_memory *core);

// The file behind a mapping, borrowed; NULL where it cannot be opened or is no ELF file.
const struct elf *core_memory_file(struct core_memory *core, size_t index);

// Whether the file begins like a core file.
bool core_memory_is_core(const char *path);
