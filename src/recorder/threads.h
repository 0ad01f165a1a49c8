// Where all threads are at this moment, read from outside of each: no signal is sent, so
// no call of theirs is interrupted.
//
// A blocked thread has its stack pointer and pc in /proc/self/task/T/syscall. One that
// runs has none there: it is counted without a stack.
#pragma once

#include <stdbool.h>

// Counts every thread in the recording (RECORDING_THREADS), with the labels "thread" (its
// name), "state", and "deadlock" where it waits for itself in a circle of mutex owners.
// Others that ask wait until threads_end. False for lack of memory. Keeps errno. Not for
// signal handlers.
bool threads_begin(void);
void threads_end(void);
