// What the kernel says of the threads of this process (proc(5)), without the heap.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { TASK_NAME_SIZE = 32 };

// Where a thread is while it does not run. Without CONFIG_SCHED_INFO `turns` is 0.
struct task_place {
	bool is_running;
	int64_t call; // number of the system call it is in, -1: none
	uint64_t arguments[2];
	uint64_t sp, pc;
	uint64_t turns; // how often it was given a CPU
};

// False when the thread has ended.
bool task_read_place(int tid, struct task_place *out);

// Whether the thread has not run since it was found there. Without CONFIG_SCHED_INFO it
// may have, if it is back at the same place.
bool task_has_stayed(int tid, const struct task_place *place);

// What the thread waits for, in a word or two.
const char *task_state(const struct task_place *place);

// The thread that owns the mutex of glibc that this one waits for; 0: it waits for
// something else.
int task_mutex_owner(const struct task_place *place);

// Its name, terminated; "" when it has ended.
void task_read_name(int tid, char name[TASK_NAME_SIZE]);

struct task_visitor {
	void (*visit)(struct task_visitor *visitor, int tid);
	void *context;
};

void task_list(struct task_visitor *visitor);
