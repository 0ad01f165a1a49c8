// Where all threads are at this moment, read from outside of each: blocked threads get no
// signal, so no call of theirs is interrupted.
//
// A blocked thread has its stack pointer and pc in /proc/self/task/T/syscall. One that
// runs has none there: it is asked by a signal, unless it blocks that (thread_ask.h).
#pragma once

struct recording;

// A recording of all threads (RECORDING_THREADS), the bucket's size being nanoseconds of
// waiting, with the labels
//
//   thread, tid, state   its name, id, and what it does in a word or two
//   waits_on             "mutex 0x7f..", "futex 0x7f..", "thread 12", "fd 5"
//   owner, deadlock      the thread that has the mutex; "yes" where it waits for itself
//   in
//                        a circle of owners and joins
//   stack                why there is none
//   created_by           addresses of the creator's innermost frames: "0x55.. 0x55.."
//
// NULL for lack of memory. Keeps errno. Not for signal handlers.
struct recording *threads_take(void);
void threads_free(struct recording *recording);
