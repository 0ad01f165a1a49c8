// What a thread of this process waits for in a system call.
#pragma once

#include <stdbool.h>

struct task_place;

// On a futex of glibc's.
enum task_wait { TASK_NO_FUTEX, TASK_FUTEX, TASK_MUTEX, TASK_JOIN };

struct task_futex {
	enum task_wait wait;
	int owner; // of the mutex, or the thread whose end is waited for; 0: not known
};

// What the thread does, in a word or two.
const char *task_wait_state(const struct task_place *place, enum task_wait wait);

// Whether the call's first argument is a file descriptor.
bool task_wait_is_on_file(const struct task_place *place);

// Looks at the words of the futex that a thread waits on. An owner may be wrong where a
// futex is not one of glibc's: believe it if such a thread exists.
struct task_futex task_wait_read_futex(const struct task_place *place);
