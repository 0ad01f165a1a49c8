// The memory of a process that a core file holds: from the kernel, from gdb's gcore.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	uint64_t pc, sp;
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
	struct arena arena;
};

// `binary` stands for the first file of the core, the program, where it is not NULL.
// Refuses what is not a 64-bit core file.
bool core_memory_open(const char *path, const char *binary, struct core_memory **out,
		      struct error *err) __attribute__((warn_unused_result));
void core_memory_close(struct core_memory *core);

// Whether the file begins like a core file.
bool core_memory_is_core(const char *path);
