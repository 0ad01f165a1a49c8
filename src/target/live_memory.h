// The memory of a running process, read without stopping it.
#pragma once

#include <stddef.h>

#include "base/memory.h"

// Reads by process_vm_readv(2); needs the right to ptrace the process. What is read may
// change between two reads.
struct live_memory {
	struct memory memory;
	int pid;
};

struct live_memory live_memory_of(int pid);

// One of many reads: `is_read` tells whether the whole range arrived.
struct memory_range {
	uint64_t address;
	void *buffer;
	size_t size;
	bool is_read;
};

// Reads all ranges in their order, many of them in one system call. Returns how
// many arrived.
size_t live_memory_read_many(int pid, struct memory_range *ranges, size_t count);

// Reads one byte of each page of [start, limit), so that pages that the process has not
// touched yet become pages of zeros, as a read of its own would make them. What it reads
// and writes is the same as before. Stops at the first page that is no memory at all.
void live_memory_touch(int pid, uint64_t start, uint64_t limit);
