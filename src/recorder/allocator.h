// The allocator behind our hooks: libc's, or the one that was preloaded behind us.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Each pointer is at first to a function that finds them all, so that a call needs no
// test: the loader and other libraries allocate before our constructor runs.
struct allocator {
	void *(*malloc)(size_t size);
	void (*free)(void *block);
	void *(*calloc)(size_t count, size_t size);
	void *(*realloc)(void *block, size_t size);
	void *(*memalign)(size_t alignment, size_t size);
	int (*posix_memalign)(void **out, size_t alignment, size_t size);
	void *(*aligned_alloc)(size_t alignment, size_t size);
	void *(*valloc)(size_t size);
	void *(*pvalloc)(size_t size);
};

// What the pointers are at first.
void *allocator_first_malloc(size_t size);
void allocator_first_free(void *block);
void *allocator_first_calloc(size_t count, size_t size);
void *allocator_first_realloc(void *block, size_t size);
void *allocator_first_memalign(size_t alignment, size_t size);
int allocator_first_posix_memalign(void **out, size_t alignment, size_t size);
void *allocator_first_aligned_alloc(size_t alignment, size_t size);
void *allocator_first_valloc(size_t size);
void *allocator_first_pvalloc(size_t size);

// Whether a block is one of the few that were handed out while dlsym searched; it must
// not come to the allocator's free.
bool allocator_is_early(const void *block);

// Whether the program's calls of malloc come to us: not so where it brings its own.
bool allocator_is_hooked(void);
