// All goroutines of a Go program, each between two equal readings, without stopping it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/goroutine.h"

struct error;
struct go_process;

// Which goroutines to read the stacks of. Called before that, with their state known.
struct goroutine_filter {
	bool (*wants)(struct goroutine_filter *filter, const struct goroutine *goroutine);
};

// Gets the goroutines in the order of the runtime's list, as tracebacks print them. What
// it is shown is gone when it returns.
struct goroutine_visitor {
	void (*visit)(struct goroutine_visitor *visitor,
		      const struct goroutine *goroutine);
};

struct goroutine_counts {
	size_t user, system;        // live ones
	size_t shown;               // of the user's, as wanted
	size_t running;             // on a processor: no stack
	size_t incomplete, changed; // see enum goroutine_stack
	size_t sampled;             // running ones with a stack of a moment before
	size_t retried;             // readings that had to be repeated
};

// Where a thread stands, by the id that the process knows it by: of a process that was
// stopped, of a core; or where it was lately, with a copy of the stack from sp on.
struct goroutine_thread {
	int tid;
	uint64_t pc, sp;
	const uint8_t *stack; // NULL: it still stands there
	size_t stack_size;
};

struct goroutine_options {
	struct goroutine_filter *filter; // NULL: all
	bool with_system;                // also those the runtime keeps for itself
	// Of a process that stands still, or whose threads were sampled: its running
	// goroutines have stacks too.
	const struct goroutine_thread *threads;
	size_t thread_count;
	int64_t deadline_ns; // CLOCK_MONOTONIC; gives up then; 0: takes its time
};

// The set is not of one instant: each goroutine is as it was when its turn came. Dead
// ones are left out. Failing to read the list itself is the only error.
bool goroutines_read(struct go_process *process, const struct goroutine_options *options,
		     struct goroutine_visitor *visitor, struct goroutine_counts *counts,
		     struct error *err) __attribute__((warn_unused_result));

// The same for many looks: what does not change is kept from one to the next.
struct goroutine_reader;

struct goroutine_reader *goroutines_open(struct go_process *process);
bool goroutines_look(struct goroutine_reader *reader,
		     const struct goroutine_options *options,
		     struct goroutine_visitor *visitor, struct goroutine_counts *counts,
		     struct error *err) __attribute__((warn_unused_result));
void goroutines_close(struct goroutine_reader *reader);

// The addresses of all g, dead ones too, in the order of runtime.allgs. The caller frees
// *out.
bool goroutines_list(const struct go_process *process, uint64_t **out, size_t *count,
		     struct error *err) __attribute__((warn_unused_result));
