// The stacks of buckets as functions and lines. Some releases store a return address for
// each frame, others one for each call, inlined ones included; both are understood.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/count_text.h"
#include "golang/profile_code.h"

struct bucket;
struct go_process;

// What to do with calls that were inlined into the last address of a stack.
enum bucket_stack_end {
	BUCKET_STACK_AS_STORED, // a stack that was cut ends where it was cut
	BUCKET_STACK_EXPANDED,
};

// Zero-initialised but for the process; keeps room for one stack.
struct bucket_stack {
	struct go_process *process;
	struct stack_line *lines; // leaf first
	size_t line_count, line_capacity;
	uint32_t *locations; // rows of a profile
	size_t location_count, location_capacity;
};

void bucket_stack_deinit(struct bucket_stack *stack);

// Fills in lines.
void bucket_stack_lines(struct bucket_stack *stack, const struct bucket *bucket,
			enum bucket_stack_end end);

// Fills in locations, one for each frame with its inlined calls.
void bucket_stack_locations(struct bucket_stack *stack, const struct bucket *bucket,
			    struct profile_code *code);

// The same without the runtime's own functions at the leaf end, unless there are no
// others: who allocates is of interest, not how.
void bucket_stack_callers(struct bucket_stack *stack, const struct bucket *bucket,
			  struct profile_code *code);
