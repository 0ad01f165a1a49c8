// The program that runs in the kernel when a probe is hit: it copies registers, and what
// else is asked for, into a ring.
#pragma once

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

enum {
	UPROBE_STACK_DEPTH = 127, // as kernel.perf_event_max_stack is by default
	UPROBE_COPIES_MAX = 4,
	UPROBE_COPY_BYTES_MAX = 1 << 16,
};

// A part of the program's memory, copied at the hit.
struct uprobe_copy {
	uint64_t address;
	uint32_t size; // at most UPROBE_COPY_BYTES_MAX
};

// The head of a record; stack and copies follow, each copy at a multiple of 8.
struct uprobe_head {
	uint64_t time_ns; // CLOCK_MONOTONIC
	uint64_t ip, ax, bx, sp, r14, flags;
	uint64_t caller;       // the word at sp: on entry the return address
	int64_t stack_bytes;   // of return addresses by frame pointers; negative: none
	int64_t copies_failed; // 0: all copies were made
	uint64_t word; // what r14 + word_at points to, 0 where it was not asked for
};

struct uprobe_record {
	int ring_fd, lost_fd; // an array of one u64: hits without room in the ring
	uint32_t has_stack;
	uint32_t word_at; // 0: none
	size_t copy_count;
	struct uprobe_copy copies[UPROBE_COPIES_MAX];
	uint32_t wakes; // 1: whoever waits for the ring is woken at each hit
};

size_t uprobe_program_record_bytes(const struct uprobe_record *record);

enum { UPROBE_PROGRAM_MAX = 128 };

// Writes the program's instructions; returns how many.
uint32_t uprobe_program_build(const struct uprobe_record *record,
			      struct bpf_insn code[UPROBE_PROGRAM_MAX]);
