// What the kernel says of the threads of this process (proc(5)), without the heap.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { TASK_NAME_SIZE = 32 };

// Where a thread is while it does not run.
struct task_place {
	bool is_running;
	int64_t call; // number of the system call it is in, -1: none
	uint64_t arguments[4];
	uint64_t sp, pc;
};

// The folder of all threads, for the functions below; -1: cannot be opened.
int task_open_all(void);

// Whether it has ended, the first thread of a process included, which stays until the
// others have.
bool task_is_gone(int all, int tid);

struct task_visitor {
	void (*visit)(struct task_visitor *visitor, int tid);
	void *context;
};

void task_list(int all, struct task_visitor *visitor);

// The file that says where a thread is; -1: it has ended. Close it.
int task_open_place(int all, int tid);

// May be called again on the same descriptor. False when the thread has ended.
bool task_read_place(int fd, struct task_place *out);

bool task_is_same_place(const struct task_place *a, const struct task_place *b);

// A thread's name, terminated, "" when it has ended; and when it was last given a CPU, in
// nanoseconds of the scheduler's clock, 0: the kernel does not say (CONFIG_SCHED_DEBUG).
struct task_sleep {
	char name[TASK_NAME_SIZE];
	uint64_t ran_ns;
};

void task_read_sleep(int all, int tid, struct task_sleep *out);

// Whether the thread blocks a signal.
bool task_blocks(int all, int tid, int signal);
