// The functions of malloc's family that the program calls in place of its allocator's.
// Each goes straight on unless the block is a sample. The slow halves are functions of
// their own, called last, so that their caller is the program.
#include "recorder/hook.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "recorder/heap.h"
#include "recorder/state.h"
#include "recorder/tracer.h"
#include "recorder/walker.h"

#define SLOW static __attribute__((noinline))

SLOW void *malloc_due(size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = recorder.allocator.malloc(size);

	heap_note_block(block, size, &caller, TRACE_MALLOC);
	return block;
}

HOOK void *malloc(size_t size)
{
	if (heap_is_due(size))
		return malloc_due(size);
	return recorder.allocator.malloc(size);
}

SLOW void free_known(void *block)
{
	struct unwind_registers caller = walker_caller();

	if (allocator_is_early(block))
		return;
	if (block != NULL && tracer_is_on())
		heap_trace_free(block, &caller, TRACE_FREE, tracer_now_ns());
	heap_take_block(block);
	recorder.allocator.free(block);
}

HOOK void free(void *block)
{
	if (heap_may_know(block))
		free_known(block);
	else
		recorder.allocator.free(block);
}

SLOW void *calloc_due(size_t count, size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = recorder.allocator.calloc(count, size);

	heap_note_block(block, count * size, &caller, TRACE_CALLOC);
	return block;
}

HOOK void *calloc(size_t count, size_t size)
{
	// Where the product overflows calloc fails, and nothing is recorded.
	if (heap_is_due(count * size))
		return calloc_due(count, size);
	return recorder.allocator.calloc(count, size);
}

static void *resize(void *block, size_t size, bool is_due,
		    const struct unwind_registers *caller)
{
	struct heap_sample sample = { 0 };
	uint64_t time_ns = tracer_is_on() ? tracer_now_ns() : 0;
	void *moved;

	// Before the old address can become somebody else's.
	if (block != NULL && heap_may_know(block))
		sample = heap_take_block(block);
	moved = recorder.allocator.realloc(block, size);
	if (moved == NULL && size != 0)
		heap_put_back(block, sample);
	else if (block != NULL && time_ns != 0)
		heap_trace_free(block, caller, TRACE_REALLOC_FREE, time_ns);
	if (is_due)
		heap_note_block(moved, size, caller, TRACE_REALLOC);
	return moved;
}

SLOW void *realloc_due(void *block, size_t size)
{
	struct unwind_registers caller = walker_caller();

	return resize(block, size, true, &caller);
}

SLOW void *realloc_known(void *block, size_t size)
{
	struct unwind_registers caller = walker_caller();

	return resize(block, size, false, &caller);
}

HOOK void *realloc(void *block, size_t size)
{
	if (heap_is_due(size))
		return realloc_due(block, size);
	if (heap_may_know(block))
		return realloc_known(block, size);
	return recorder.allocator.realloc(block, size);
}

HOOK void *reallocarray(void *block, size_t count, size_t size)
{
	struct unwind_registers caller = walker_caller();
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return resize(block, bytes, heap_is_due(bytes), &caller);
}

SLOW void *memalign_due(size_t alignment, size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = recorder.allocator.memalign(alignment, size);

	heap_note_block(block, size, &caller, TRACE_ALIGNED);
	return block;
}

HOOK void *memalign(size_t alignment, size_t size)
{
	if (heap_is_due(size))
		return memalign_due(alignment, size);
	return recorder.allocator.memalign(alignment, size);
}

SLOW void *aligned_alloc_due(size_t alignment, size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = recorder.allocator.aligned_alloc(alignment, size);

	heap_note_block(block, size, &caller, TRACE_ALIGNED);
	return block;
}

HOOK void *aligned_alloc(size_t alignment, size_t size)
{
	if (heap_is_due(size))
		return aligned_alloc_due(alignment, size);
	return recorder.allocator.aligned_alloc(alignment, size);
}

SLOW int posix_memalign_due(void **out, size_t alignment, size_t size)
{
	struct unwind_registers caller = walker_caller();
	int result = recorder.allocator.posix_memalign(out, alignment, size);

	heap_note_block(result == 0 ? *out : NULL, size, &caller, TRACE_ALIGNED);
	return result;
}

HOOK int posix_memalign(void **out, size_t alignment, size_t size)
{
	if (heap_is_due(size))
		return posix_memalign_due(out, alignment, size);
	return recorder.allocator.posix_memalign(out, alignment, size);
}

SLOW void *valloc_due(size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = recorder.allocator.valloc(size);

	heap_note_block(block, size, &caller, TRACE_ALIGNED);
	return block;
}

HOOK void *valloc(size_t size)
{
	if (heap_is_due(size))
		return valloc_due(size);
	return recorder.allocator.valloc(size);
}

SLOW void *pvalloc_due(size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = recorder.allocator.pvalloc(size);

	heap_note_block(block, size, &caller, TRACE_ALIGNED);
	return block;
}

HOOK void *pvalloc(size_t size)
{
	if (heap_is_due(size))
		return pvalloc_due(size);
	return recorder.allocator.pvalloc(size);
}
