// Takes a heap dump of a Go program from outside: a process that stands still, a snapshot
// of one, or a core file.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/goroutines.h"

struct error;
struct go_process;
struct writer;

// Registers of a thread that may hold pointers.
enum { GO_TAKE_REGISTERS = 16 };

struct go_take_options {
	bool without_contents; // pointers alone
	// Where the threads stand, and what is in their registers: running goroutines are
	// read from there.
	const struct goroutine_thread *threads;
	const uint64_t (*registers)[GO_TAKE_REGISTERS]; // by thread; NULL: not known
	size_t thread_count;
};

struct go_take_counts {
	uint64_t objects, bytes, roots, types;
	uint64_t unread_spans; // that could not be copied, and are missing
};

// Writes all but what is known only afterwards; then go_take_finish. Spans, type
// descriptors, stacks and globals are read once, in that order; nothing of the process is
// kept but one span at a time.
struct go_take;

bool go_take_begin(struct go_process *process, const struct go_take_options *options,
		   struct writer *w, struct go_take **out, struct go_take_counts *counts,
		   struct error *err) __attribute__((warn_unused_result));

// Ends the dump with for how long the process stood still, and frees `take`.
void go_take_finish(struct go_take *take, uint64_t pause_ns);
