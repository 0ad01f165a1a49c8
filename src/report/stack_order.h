// The distinct stacks of frames of a profile, in the order of their frames' names.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "report/flame_stacks.h"

// One distinct stack of frames: a stack of the profile that has those frames, and the sum
// of the asked column over all that have.
struct stack_order_row {
	uint32_t stack;
	int64_t value;
};

struct stack_order {
	struct stack_order_row *rows; // owned block
	size_t count;
};

// From the root on, a stack before those it begins. Stacks without frames are left out.
// `stacks` must have one column.
void stack_order_init(struct stack_order *order, const struct flame *flame,
		      const struct flame_stacks *stacks);
void stack_order_deinit(struct stack_order *order);
