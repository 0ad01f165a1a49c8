// Copies by process_vm_readv, page by page: what is unmapped is an error, not a fault.
#include "recorder/other_stack.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "recorder/state.h"

enum { PAGE = 4096, PAGES = OTHER_STACK_COPIED / PAGE + 1, STACK_MAX = 8 << 20 };

static uint64_t copy(void *to, struct iovec *from, unsigned long count, size_t size)
{
	struct iovec local = { to, size };
	long copied = syscall(SYS_process_vm_readv, (long)recorder.pid, &local, 1L, from,
			      count, 0L);

	return copied < 0 ? 0 : (uint64_t)copied;
}

static bool read_other(const struct memory *memory, uint64_t address, void *buffer,
		       size_t size)
{
	const struct other_stack *stack = (const struct other_stack *)(uintptr_t)memory;
	uint64_t at = address - stack->start;
	struct iovec from = { (void *)(uintptr_t)address, size };

	if (address >= stack->start && at <= stack->size && size <= stack->size - at) {
		memcpy(buffer, (const char *)stack->words + at, size);
		return true;
	}
	return copy(buffer, &from, 1, size) == size;
}

void other_stack_copy(struct other_stack *stack, uint64_t sp, size_t wanted)
{
	struct iovec from[PAGES];
	unsigned long count = 0;
	size_t done = 0;

	stack->memory.read = read_other;
	stack->sp = sp;
	stack->start = sp & ~(uint64_t)(OTHER_STACK_WINDOW - 1);
	while (done < wanted) {
		size_t size = PAGE - (stack->start + done) % PAGE;

		if (size > wanted - done)
			size = wanted - done;
		from[count++] =
			(struct iovec){ (void *)(uintptr_t)(stack->start + done), size };
		done += size;
	}
	stack->size = copy(stack->words, from, count, wanted);
}

static bool is_code(const struct unwind_space *space, uint64_t address)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->mappings[middle].limit <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < space->count && space->mappings[low].start <= address;
}

uint64_t other_stack_guess_frame(const struct other_stack *stack,
				 const struct unwind_space *space, size_t *cursor)
{
	while (*cursor + 1 < stack->size / sizeof(uint64_t)) {
		size_t i = (*cursor)++;
		uint64_t saved = stack->words[i], at = stack->start + i * 8;
		bool points_up = saved > at && saved - at < STACK_MAX && saved % 8 == 0;

		// The first function of a thread is called with 0 or 1 in the register.
		if (at >= stack->sp && (points_up || saved <= 1) &&
		    is_code(space, stack->words[i + 1]))
			return at;
	}
	return 0;
}
