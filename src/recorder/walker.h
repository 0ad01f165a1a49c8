// Walks stacks of this process, its own thread's or an interrupted one's, in signal
// handlers and allocations alike: no lock, no heap, and no read that can fault.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwind/unwind.h"

struct memory;

enum { WALKER_FRAMES_MAX = 256 };

// Room for one walk, and rules met lately. Taken from a pool, so that neither threads nor
// handlers that interrupt a walk need rooms of their own.
struct walker;

// Maps the pool. False for lack of memory.
bool walker_init(void);

// A free walker, NULL when all are in use. Async-signal-safe, as is all that follows.
struct walker *walker_acquire(void);
void walker_release(struct walker *walker);

// Where the pool is, NULL: nowhere yet. Stacks that are known again hold what may look
// like pointers of the program's.
const void *walker_pool(size_t *size);

// Waits until each walker has been free once, so that whoever took one before this call
// has released it; false when that takes too long, as under a debugger. No stack is known
// then that was known before. Not async-signal-safe.
bool walker_await_all(void);

struct walker_stack {
	const uint64_t *addresses; // leaf first; as struct recording_bucket has them
	size_t count;
	uint32_t epoch;  // of the modules
	uint32_t serial; // same stack, same serial, from the same walker; 0: not known
	// Where the allocation trace keeps its id of a stack that is known, which is 0 at
	// first; NULL of others.
	uint32_t *traced;
	bool is_truncated;
};

// Walks from registers. Frames of the library itself are left out. The stack is in the
// walker: good until it is released.
struct walker_stack walker_walk(struct walker *walker,
				const struct unwind_registers *registers);

// The same for stacks that come again and again: where the words that the last walk from
// there went by are unchanged, so is the stack.
struct walker_stack walker_walk_again(struct walker *walker,
				      const struct unwind_registers *registers);

// Where the walker keeps the id of a bucket for a stack of that serial and something
// else that tells buckets apart. What is there may be of anything.
struct walker_note {
	uint32_t serial, id;
};

struct walker_note *walker_note_of(struct walker *walker, uint32_t serial,
				   uint64_t other);

// The same over memory that the caller reads in its own way, such as another thread's.
struct walker_stack walker_walk_memory(struct walker *walker, const struct memory *memory,
				       const struct unwind_registers *registers);

// All registers of what a signal has interrupted; the context is the handler's.
struct unwind_registers walker_interrupted(const void *context);

// The registers of the function that called the one that this is inlined into, as far as
// they are known. That one must not be inlined itself.
static inline __attribute__((always_inline)) struct unwind_registers walker_caller(void)
{
	struct unwind_registers registers;

	// The others stay as they are: clearing them takes as long as malloc does.
	registers.value[UNWIND_RBP] = *(uint64_t *)__builtin_frame_address(0);
	registers.value[UNWIND_RSP] = (uint64_t)__builtin_frame_address(0) + 16;
	registers.value[UNWIND_RIP] = (uint64_t)__builtin_return_address(0);
	registers.known = 1u << UNWIND_RBP | 1u << UNWIND_RSP | 1u << UNWIND_RIP;
	registers.is_return = true;
	return registers;
}
