// What the hooks of functions that wait have in common: whether anybody wants to know,
// how long it took, and whom that is charged to.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "unwind/unwind.h"

enum wait_mode {
	WAIT_UNKNOWN, // the functions behind the hooks have not been looked for
	WAIT_OFF,
	WAIT_ON,
};

extern _Atomic uint8_t wait_mode __attribute__((visibility("hidden")));

// Finds the functions behind the hooks; whether a profile is on.
bool wait_look(void);

// Whether a profile of waits is on. When it returns, recorder.wait_next is complete.
static inline bool wait_is_on(void)
{
	// Acquire pairs with the release of wait_update.
	uint8_t mode = atomic_load_explicit(&wait_mode, memory_order_acquire);

	return mode != WAIT_OFF && (mode == WAIT_ON || wait_look());
}

// Follows block_rate and mutex_rate.
void wait_update(void);

// One wait, from its beginning to its end on one stack.
struct wait {
	uint64_t start_ns;
	uint32_t place; // among the waiters of a lock, 0: none
};

// A call that is about to wait; `lock` is what its holder is charged for, or NULL.
struct wait wait_begin(const void *lock);

// What a function of C11's threads returned, as an errno.
int wait_errno_of(int thrd_result);

// What it returned, 0 or an errno: one that failed without waiting is none. Keeps errno.
void wait_end(const struct wait *wait, int result, const struct unwind_registers *caller);

// A wait in a cancellation point. The handler for pthread_cleanup_push ends the wait of a
// thread that is cancelled there, while the frames of its callers are still whole.
struct wait_left {
	const struct wait *wait;
	const struct unwind_registers *caller;
};

void wait_cancelled(void *wait_left);

// The registers of the program at its call of a function of wait_next, as if it had come
// there without us: stacks begin with what they wait in, as those of Go do. Only in
// functions that are not inlined, and that are called by the program or called last.
#define WAIT_AT(function) \
	((struct unwind_registers){                                                      \
		.value = {                                                               \
			[UNWIND_RBP] = *(uint64_t *)__builtin_frame_address(0),          \
			[UNWIND_RSP] = (uint64_t)__builtin_frame_address(0) + 8,         \
			[UNWIND_RIP] = (uint64_t)recorder.wait_next.function,            \
		},                                                                       \
		.known = 1u << UNWIND_RBP | 1u << UNWIND_RSP | 1u << UNWIND_RIP,         \
	})
