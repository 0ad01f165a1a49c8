// Sources: appendLocsForStack in src/runtime/pprof/proto.go, expandInlinedFrames in
// src/runtime/pprof/runtime.go and Frames.Next in src/runtime/symtab.go.
#include "golang/bucket_stack.h"

#include <stdlib.h>

#include "base/arena.h"
#include "golang/bucket.h"
#include "golang/code.h"
#include "golang/process.h"
#include "profile/profile.h"

void bucket_stack_deinit(struct bucket_stack *stack)
{
	free(stack->lines);
	free(stack->locations);
	*stack = (struct bucket_stack){ 0 };
}

static bool is_panic(enum go_role role)
{
	return role == GO_ROLE_GOPANIC || role == GO_ROLE_SIGPANIC ||
	       role == GO_ROLE_PANICWRAP;
}

// The line is not printed: Go made it up.
static bool is_elided(const struct go_point *point, size_t index)
{
	enum go_role callee = index > 0 ? point->lines[index - 1].role : GO_ROLE_NONE;

	return point->lines[index].is_wrapper && !is_panic(callee);
}

static const struct go_point *point_at(const struct bucket_stack *stack, uint64_t pc)
{
	return go_code_lines(stack->process->code, go_code_at(stack->process->code, pc));
}

static void add_line(struct bucket_stack *stack, const struct go_point *point,
		     size_t index)
{
	stack->lines = table_reserve(stack->lines, &stack->line_capacity,
				     stack->line_count + 1, sizeof(*stack->lines));
	stack->lines[stack->line_count++] =
		(struct stack_line){ &point->lines[index], point->entry };
}

// How many of the addresses from `first` on belong to one frame: the address itself, and
// those of the calls it is inlined into, where the stack has them.
static size_t frame_length(const struct bucket_stack *stack, const struct bucket *bucket,
			   size_t first)
{
	const struct go_point *point = point_at(stack, bucket->stack[first]);
	size_t next = first + 1;

	for (size_t i = 1; i < point->line_count && next < bucket->depth; i++)
		if (bucket->stack[next] == point->lines[i].address + 1)
			next++;
	return next - first;
}

void bucket_stack_lines(struct bucket_stack *stack, const struct bucket *bucket,
			enum bucket_stack_end end)
{
	size_t length;

	stack->line_count = 0;
	for (size_t i = 0; i < bucket->depth; i += length) {
		const struct go_point *point = point_at(stack, bucket->stack[i]);
		size_t lines = point->line_count;

		length = frame_length(stack, bucket, i);
		if (end == BUCKET_STACK_AS_STORED && i + length == bucket->depth &&
		    lines > length)
			lines = length;
		for (size_t j = 0; j < lines; j++)
			if (!is_elided(point, j))
				add_line(stack, point, j);
	}
}

static void add_location(struct bucket_stack *stack, uint32_t row)
{
	stack->locations =
		table_reserve(stack->locations, &stack->location_capacity,
			      stack->location_count + 1, sizeof(*stack->locations));
	stack->locations[stack->location_count++] = row;
}

static void collect_locations(struct bucket_stack *stack, const struct bucket *bucket,
			      size_t first, struct profile_code *code)
{
	stack->location_count = 0;
	for (size_t i = first; i < bucket->depth; i += frame_length(stack, bucket, i)) {
		const struct go_point *point = point_at(stack, bucket->stack[i]);
		uint32_t row;

		if (point->role == GO_ROLE_GOEXIT)
			continue;
		row = profile_code_location(code, point);
		if (row != PROFILE_NONE)
			add_location(stack, row);
	}
}

void bucket_stack_locations(struct bucket_stack *stack, const struct bucket *bucket,
			    struct profile_code *code)
{
	collect_locations(stack, bucket, 0, code);
}

// As runtime.FuncForPC has it, which looks at the return address itself.
static bool is_runtime(const struct bucket_stack *stack, uint64_t pc)
{
	struct go_code *code = stack->process->code;
	const struct go_point *point = go_code_lines(code, go_code_exact(code, pc));

	return point->line_count > 0 &&
	       count_text_is_runtime(stack->process, &point->lines[0]);
}

void bucket_stack_callers(struct bucket_stack *stack, const struct bucket *bucket,
			  struct profile_code *code)
{
	size_t first = 0;

	while (first < bucket->depth && is_runtime(stack, bucket->stack[first]))
		first++;
	collect_locations(stack, bucket, first < bucket->depth ? first : 0, code);
	if (stack->location_count == 0)
		collect_locations(stack, bucket, 0, code);
}
