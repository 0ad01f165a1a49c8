// Which goroutine a thread runs at this moment, read while it runs.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct go_process;

struct current_goroutine {
	uint64_t address, id;
	uint64_t labels; // address of its set of labels, 0: none
	uint64_t stack_low, stack_high;
};

// Knows the threads of one process, by the numbers they have there.
struct current_goroutine_reader;

// `process` must live as long.
struct current_goroutine_reader *current_goroutine_open(const struct go_process *process);
void current_goroutine_close(struct current_goroutine_reader *reader);

// False when the thread is none of Go's, or runs no goroutine now. What is read is
// believed only if the goroutine says that it is on that thread.
bool current_goroutine_read(struct current_goroutine_reader *reader, int tid,
			    struct current_goroutine *out);
