// Single-steps a process and keeps the true call stack beside it, by watching calls and
// returns: the oracle for walks at every instruction.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "unwind/unwind.h"

struct stepper;

// Walks at each instruction of a function run in a forked child, or of a command.
struct stepper_options {
	void (*run)(void);  // in the child, or
	const char **argv;  // a command, stepped from its first instruction on,
	bool from_stop;     // or from where it raises SIGSTOP
	size_t skip, every; // walk at each every-th step (0: 1) after the first `skip`
	size_t steps;       // end after so many (0: at the exit)
	bool is_verbose;    // print the first few wrong walks
};

struct stepper_result {
	size_t walks;
	size_t right;     // complete, and equal to the true stack
	size_t truncated; // equal to the true stack as far as they go
	size_t wrong;
	size_t ends[5]; // by enum unwind_end
};

struct stepper_result stepper_run(const struct stepper_options *options);

// The mappings of a process, with tables built once per file; kept until the end.
const struct unwind_space *stepper_space(pid_t pid);
