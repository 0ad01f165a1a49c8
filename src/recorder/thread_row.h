// What was seen of one thread, and how it becomes a sample.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/task.h"
#include "recorder/task_wait.h"

struct recording;

struct thread_row {
	int tid;
	bool has_ended;
	bool is_whole;   // the stack reaches its outermost frame
	bool is_blocked; // the signal that would ask it: it runs, so there is no stack
	bool is_deadlocked;
	struct task_place place;
	struct task_sleep sleep;
	struct task_futex futex;
	uint64_t waiting_ns; // 0: not known, or it runs
	const uint64_t *addresses;
	uint32_t count, epoch; // of addresses, and of the modules
};

// Makes room for samples of so many threads, and knows all modules of the process. NULL
// for lack of memory. For pages_unmap with its size.
struct recording *thread_row_begin(size_t threads);

// Counts the thread (RECORDING_THREADS), with what is known of it as labels.
void thread_row_count(const struct thread_row *row, struct recording *recording);
