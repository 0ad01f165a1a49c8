// Stops all threads of a process for a moment, by ptrace, and lets them go on.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct user_regs_struct;

// A thread that stands still, and where.
struct pause_thread {
	int tid;
	uint64_t pc, sp;
	int signal; // on its way to the thread when it was stopped; delivered at the end
};

// Owns the threads, which stay stopped until pause_end. Should goprof die before, the
// kernel lets them go on.
struct pause {
	int pid;
	struct pause_thread *threads;
	size_t count, capacity;
	int64_t start_ns, deadline_ns; // CLOCK_MONOTONIC
};

// Stops every thread, also those started meanwhile. Where that takes longer than the
// limit, or is not permitted, all go on and it fails.
bool pause_begin(int pid, int64_t limit_ns, struct pause *out, struct error *err)
	__attribute__((warn_unused_result));

// Lets all go on; returns how long the process stood still, in ns, 0 where it had not.
int64_t pause_end(struct pause *pause);

enum { PAUSE_REGISTERS = 16 };

// The general registers of a stopped thread, in no order that matters; false where they
// cannot be read.
bool pause_read_registers(const struct pause *pause, size_t thread,
			  uint64_t out[PAUSE_REGISTERS]);

// The same of registers that were read otherwise.
void pause_pick_registers(const struct user_regs_struct *registers,
			  uint64_t out[PAUSE_REGISTERS]);
