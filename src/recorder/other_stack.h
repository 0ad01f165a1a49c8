// The stack of another thread of this process, which may run on or end at any time.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "unwind/unwind.h"

enum {
	OTHER_STACK_COPIED = 64 << 10,
	OTHER_STACK_WINDOW = 256, // walks read that much at once (unwind/window.h)
};

// A copy from a little below the stack pointer on; what is not in it is read by the
// kernel on demand, so that nothing here can fault.
struct other_stack {
	struct memory memory;
	uint64_t sp;
	uint64_t start; // address of the copy
	uint64_t size;  // bytes that could be copied
	uint64_t words[OTHER_STACK_COPIED / sizeof(uint64_t)];
};

// `wanted` is at most OTHER_STACK_COPIED bytes.
void other_stack_copy(struct other_stack *stack, uint64_t sp, size_t wanted);

// Frame pointers that the innermost function with one may have, for walks from a stack
// pointer alone: each call gives the next one, 0 at the end; *cursor is 0 at first.
//
// They are where a pair (saved frame pointer, return address) seems to be. One of a
// function that merely saves the register does no harm: the rules of that function give
// the register back before it is needed. What was left behind by earlier calls does.
uint64_t other_stack_guess_frame(const struct other_stack *stack,
				 const struct unwind_space *space, size_t *cursor);
