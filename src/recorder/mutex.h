// The mutex profile: who held the locks that others waited for. Whoever unlocks is
// charged with the time that its waiters have waited since they came or since the unlock
// before.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct unwind_registers;

// Samples one in `rate` contended unlocks from now on, and counts it `rate` times; 0 is
// none. False for lack of memory. Meaning and arithmetic: Go's
// runtime.SetMutexProfileFraction (1.27, runtime/mprof.go).
bool mutex_set_rate(uint64_t rate);

enum { MUTEX_FILTER_SIZE = 1 << 12 };

// How many waiters of locks share a slot, for an unlock to pass by what nobody waits for.
extern _Atomic uint16_t mutex_filter[MUTEX_FILTER_SIZE]
	__attribute__((visibility("hidden")));

static inline unsigned mutex_filter_slot(const void *lock)
{
	return (uint32_t)((uintptr_t)lock >> 3) * 0x9e3779b1u >> 20;
}

// Whether somebody may wait for that lock.
static inline bool mutex_is_awaited(const void *lock)
{
	return __builtin_expect(
		atomic_load_explicit(&mutex_filter[mutex_filter_slot(lock)],
				     memory_order_relaxed) != 0,
		0);
}

// Makes a waiter known; its place for mutex_leave, 0 where nobody wants to know. Only to
// be called by the thread that waits.
uint32_t mutex_enter(const void *lock, uint64_t now_ns);
void mutex_leave(uint32_t place);

// For a lock that is about to be unlocked: takes what its holder is to be charged with;
// 0: nobody has waited, or this one is not sampled. Then, when it is unlocked, mutex_note
// records that. Both keep errno.
uint64_t mutex_charge(const void *lock);
void mutex_note(uint64_t waited_ns, const struct unwind_registers *caller);

// Starts again in a forked child.
void mutex_reset_child(void);
