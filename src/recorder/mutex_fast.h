// Takes a plain mutex that is free as glibc would, without the way there: trylock costs
// half as much again as the lock itself, because it must be called and come back.
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "recorder/thread.h"

// Looks whether this libc does with plain mutexes what mutex_fast_take does, and nobody
// stands between it and us. Needs a complete recorder.wait_next.
bool mutex_fast_is_right(void);

// For a thread that mutex_fast_is_right holds for: mutex_fast_take works from now on.
void mutex_fast_begin_thread(void);

// True when the calling thread has the mutex now; false says nothing about it. A plain
// mutex (PTHREAD_MUTEX_TIMED_NP without flags, which is what initializers and default
// attributes make) is one of kind 0: the types that have checks, a memory of owners or
// priorities, and those shared by processes, have other kinds. Source: glibc 2.36,
// nptl/pthread_mutex_lock.c, sysdeps/nptl/bits/struct_mutex.h.
static inline bool mutex_fast_take(pthread_mutex_t *mutex)
{
	int is_free = 0;

	if (thread_state.tid == 0 || mutex->__data.__kind != 0 ||
	    !__atomic_compare_exchange_n(&mutex->__data.__lock, &is_free, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	mutex->__data.__owner = (int)thread_state.tid;
	mutex->__data.__nusers++;
	return true;
}
