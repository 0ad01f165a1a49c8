// Finds the next definition of each function in the order of the loader's lookup.
#include "recorder/allocator.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#include "recorder/heap.h"
#include "recorder/hook.h"
#include "recorder/state.h"
#include "recorder/static_next.h"
#include "recorder/thread.h"

static void *find(const char *name)
{
	return hook_find(name);
}

static void resolve(void)
{
	struct allocator found;

	thread_state.is_resolving = true;
	*(void **)&found.malloc = find("malloc");
	*(void **)&found.free = find("free");
	*(void **)&found.calloc = find("calloc");
	*(void **)&found.realloc = find("realloc");
	*(void **)&found.memalign = find("memalign");
	*(void **)&found.posix_memalign = find("posix_memalign");
	*(void **)&found.aligned_alloc = find("aligned_alloc");
	*(void **)&found.valloc = find("valloc");
	*(void **)&found.pvalloc = find("pvalloc");
	recorder.allocator_is_libc = found.malloc == find("__libc_malloc");
	recorder.allocator = found;
	thread_state.is_resolving = false;
}

// Some versions of dlsym allocate. What they get while it searches is never reused: the
// filter of the heap profile leads its frees to allocator_is_early.
static void *early_block(size_t size)
{
	enum { ALIGNMENT = 16 };
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1), used;
	char *block;

	if (size > sizeof(recorder.early))
		return NULL;
	used = atomic_fetch_add(&recorder.early_used, rounded);
	if (used + rounded > sizeof(recorder.early))
		return NULL;
	block = recorder.early + used;
	atomic_store(&heap_filter[heap_filter_slot(block)], UINT8_MAX);
	return block;
}

void *allocator_first_malloc(size_t size)
{
	if (thread_state.is_resolving)
		return early_block(size);
	resolve();
	return recorder.allocator.malloc(size);
}

void allocator_first_free(void *block)
{
	if (block == NULL || thread_state.is_resolving)
		return;
	resolve();
	recorder.allocator.free(block);
}

void *allocator_first_calloc(size_t count, size_t size)
{
	size_t bytes;

	if (thread_state.is_resolving)
		return __builtin_mul_overflow(count, size, &bytes) ? NULL
								   : early_block(bytes);
	resolve();
	return recorder.allocator.calloc(count, size);
}

void *allocator_first_realloc(void *block, size_t size)
{
	if (thread_state.is_resolving)
		return block == NULL ? early_block(size) : NULL;
	resolve();
	return recorder.allocator.realloc(block, size);
}

void *allocator_first_memalign(size_t alignment, size_t size)
{
	resolve();
	return recorder.allocator.memalign(alignment, size);
}

int allocator_first_posix_memalign(void **out, size_t alignment, size_t size)
{
	resolve();
	return recorder.allocator.posix_memalign(out, alignment, size);
}

void *allocator_first_aligned_alloc(size_t alignment, size_t size)
{
	resolve();
	return recorder.allocator.aligned_alloc(alignment, size);
}

void *allocator_first_valloc(size_t size)
{
	resolve();
	return recorder.allocator.valloc(size);
}

void *allocator_first_pvalloc(size_t size)
{
	resolve();
	return recorder.allocator.pvalloc(size);
}

bool allocator_is_early(const void *block)
{
	return (uintptr_t)block - (uintptr_t)recorder.early < sizeof(recorder.early);
}

bool allocator_is_hooked(void)
{
	return goprof_static != NULL ||
	       dlsym(RTLD_DEFAULT, "malloc") == (void *)(uintptr_t)malloc;
}
