// One goroutine as it was read: its state and its stack.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/str.h"

struct arena;
struct go_code;
struct go_point;
struct go_process;

// runtime.g.atomicstatus without the bit _Gscan.
enum goroutine_status {
	GOROUTINE_IDLE = 0,
	GOROUTINE_RUNNABLE = 1,
	GOROUTINE_RUNNING = 2,
	GOROUTINE_SYSCALL = 3,
	GOROUTINE_WAITING = 4,
	GOROUTINE_DEAD = 6,
	GOROUTINE_COPYSTACK = 8,
	GOROUTINE_PREEMPTED = 9,
	GOROUTINE_LEAKED = 10,     // since 1.26
	GOROUTINE_DEAD_EXTRA = 11, // since 1.26
};

// How far its stack can be believed.
enum goroutine_stack {
	GOROUTINE_WHOLE,      // down to where the goroutine began
	GOROUTINE_ON_CPU,     // running: its stack changes while it is looked at
	GOROUTINE_INCOMPLETE, // what could be followed of it
	GOROUTINE_CHANGED,    // it ran during each of the readings: no stack
};

// A real frame; calls inlined into it are lines of the point. Arguments lie at fp.
struct go_frame {
	const struct go_point *point;
	uint64_t sp, fp;
};

// Numbers of the runtime, zero where there is nothing to say. Frames and the copy of the
// stack are those of whoever read it.
struct goroutine {
	uint64_t address, id, parent_id;
	uint64_t stack_low, stack_high, pc, sp;
	uint64_t m, locked_m, labels, bubble, ancestors, waiting;
	uint64_t created_pc, start_pc;
	int64_t wait_since_ns; // CLOCK_MONOTONIC of the process
	uint8_t status, wait_reason, tracking_seq;
	bool is_scanned; // the collector holds it
	bool is_in_syscall;
	bool is_exact; // pc was about to run: that of a thread, not one saved by a call
	bool runs_cleanups;
	enum goroutine_stack stack_state;
	bool is_sampled; // the stack is one that it had a moment before, while it ran
	const struct go_frame *frames; // leaf first
	size_t frame_count;
	struct memory_bytes stack;
};

// Decodes a runtime.g that was copied: `bytes` are as many as the layout's g.size.
void goroutine_decode(const struct go_process *process, uint64_t address,
		      const uint8_t *bytes, struct goroutine *out);

// Growable list of frames. Zero-initialised is empty.
struct go_frames {
	struct go_frame *items;
	size_t count, capacity;
};

// Appends the frames from the goroutine's pc and sp, over the copy of its stack. True
// when they end where a goroutine begins, or where Go's own tracebacks end too.
bool goroutine_unwind(struct go_code *code, const struct goroutine *goroutine,
		      struct go_frames *frames);
