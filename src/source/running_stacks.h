// Where the threads of a process run, by perf events for a moment: no stop, no signal.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/map.h"
#include "golang/goroutines.h"

struct error;

// The last sample of each thread that ran meanwhile; copies of stacks are in the arena.
struct running_stacks {
	struct goroutine_thread *threads;
	size_t count, capacity;
	struct map rows; // by thread -> thread
	struct arena arena;
};

// Watches for 20 ms. Needs what goprof cpu needs.
bool running_stacks_sample(int pid, struct running_stacks *out, struct error *err)
	__attribute__((warn_unused_result));
void running_stacks_deinit(struct running_stacks *stacks);
