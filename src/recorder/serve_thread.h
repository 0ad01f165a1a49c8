// A thread in the host that the host does not notice: all signals blocked, and with a
// table of descriptors of its own, so that none of its sockets has a number in the
// program's, is inherited by its children, or is closed by it.
#pragma once

#include <stdbool.h>

// Starts it, detached; `run` must begin with serve_thread_enter.
bool serve_thread_start(void *(*run)(void *argument), void *argument);

// In the thread: parts from the program's descriptors. False where the kernel does not
// allow that; the thread then shares them.
bool serve_thread_enter(void);

// The thread ends, or the process has forked.
void serve_thread_leave(void);

// Whether a thread of this process is one of these.
bool serve_thread_is(int tid);

// Whether no other thread is left. Whoever serves then ends as well: it is not for us to
// keep alive a process whose threads have all ended by pthread_exit.
bool serve_thread_is_alone(void);
