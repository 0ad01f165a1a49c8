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
