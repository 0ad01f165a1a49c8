// All other threads of this process standing still for a moment, so that what is copied
// meanwhile belongs together. A helper process, which shares our memory, stops them by
// ptrace(2): no signal is sent, none is lost. Calls that the kernel never restarts by
// itself (epoll_wait, semop and others, see signal(7)) may end with EINTR for it.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORLD_THREADS_MAX = 16384, WORLD_REGISTERS = 16 };

struct world_thread {
	int tid;
	int signal; // on its way when it was stopped, delivered afterwards
	uint64_t sp, thread_pointer;
	uint64_t registers[WORLD_REGISTERS];
	bool is_stopped; // else only sp is known, or nothing (0)
};

// Made with pages_map: too large for a stack.
struct world {
	_Atomic uint32_t phase;
	_Atomic bool is_stopped; // all threads stand still, and their registers are known
	int parent, caller;      // ids of the process and of the thread that asks
	int helper;              // id of the process that stops them
	void *stack;             // of the helper
	size_t count;
	struct world_thread threads[WORLD_THREADS_MAX]; // without the one that asks
};

// Stops them. Where that is not permitted, or takes too long, is_stopped is false and the
// threads run on; where they are is then known of those that are blocked. The thread that
// asks must block all signals, and use nothing that another one may have locked.
void world_stop(struct world *world);

// Lets them go on. Call it after every world_stop.
void world_resume(struct world *world);
