// The memory of a process through /proc/PID/mem.
#pragma once

#include <stdbool.h>

#include "base/memory.h"

struct error;

// For large reads of a snapshot: process_vm_readv(2) pins pages, for which the kernel
// first copies every page that two processes share (since Linux 5.19); this does not.
struct memory_file {
	struct memory memory;
	int fd;
};

bool memory_file_open(int pid, struct memory_file *out, struct error *err)
	__attribute__((warn_unused_result));
void memory_file_close(struct memory_file *file);
