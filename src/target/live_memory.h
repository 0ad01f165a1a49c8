// The memory of a running process, read without stopping it.
#pragma once

#include "base/memory.h"

// Reads by process_vm_readv(2); needs the right to ptrace the process. What is read may
// change between two reads.
struct live_memory {
	struct memory memory;
	int pid;
};

struct live_memory live_memory_of(int pid);

// Reads one byte of each page of [start, limit), so that pages that the process has not
// touched yet become pages of zeros, as a read of its own would make them. What it reads
// and writes is the same as before. Stops at the first page that is no memory at all.
void live_memory_touch(int pid, uint64_t start, uint64_t limit);
