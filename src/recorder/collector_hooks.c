// The functions of libgc that programs allocate with, for the heap profile. A block is
// live until a collection finds it unmarked. Not seen: GC_realloc, and free lists that
// the program fills by GC_malloc_many and its like and hands out itself.
#include "recorder/hook.h"

#include <stdlib.h>

#include "recorder/heap.h"
#include "recorder/state.h"
#include "recorder/walker.h"

#define SLOW static __attribute__((noinline))

HOOK void *GC_malloc(size_t size);
HOOK void *GC_malloc_atomic(size_t size);
HOOK void *GC_malloc_uncollectable(size_t size);
HOOK void GC_free(void *block);

static struct {
	void *(*malloc)(size_t size);
	void *(*malloc_atomic)(size_t size);
	void *(*malloc_uncollectable)(size_t size);
	void (*free)(void *block);
} next;

SLOW void *malloc_due(size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = next.malloc(size);

	heap_note_collected(block, size, &caller);
	return block;
}

void *GC_malloc(size_t size)
{
	hook_resolve(&next.malloc, "GC_malloc");
	if (heap_is_due(size))
		return malloc_due(size);
	return next.malloc(size);
}

SLOW void *malloc_atomic_due(size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = next.malloc_atomic(size);

	heap_note_collected(block, size, &caller);
	return block;
}

void *GC_malloc_atomic(size_t size)
{
	hook_resolve(&next.malloc_atomic, "GC_malloc_atomic");
	if (heap_is_due(size))
		return malloc_atomic_due(size);
	return next.malloc_atomic(size);
}

SLOW void *malloc_uncollectable_due(size_t size)
{
	struct unwind_registers caller = walker_caller();
	void *block = next.malloc_uncollectable(size);

	heap_note_collected(block, size, &caller);
	return block;
}

void *GC_malloc_uncollectable(size_t size)
{
	hook_resolve(&next.malloc_uncollectable, "GC_malloc_uncollectable");
	if (heap_is_due(size))
		return malloc_uncollectable_due(size);
	return next.malloc_uncollectable(size);
}

void GC_free(void *block)
{
	hook_resolve(&next.free, "GC_free");
	if (heap_may_know(block))
		heap_take_block(block);
	next.free(block);
}
