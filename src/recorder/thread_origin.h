// Who created each thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Maps the table. False for lack of memory.
bool thread_origin_init(void);

// The calling thread was created where that bucket (RECORDING_THREADCREATE) says; it
// ends.
void thread_origin_begin(uint32_t bucket);
void thread_origin_end(void);

// The id of the bucket of a thread's creation; 0: not known.
uint32_t thread_origin_of(int tid);

// Of the threads, a forked child has only the one that forked.
void thread_origin_reset_child(void);
