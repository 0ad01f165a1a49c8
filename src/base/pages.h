// Memory straight from the kernel, for code that must not touch the heap of its process.
#pragma once

#include <stddef.h>

// Zeroed room, a multiple of the page size; NULL when the kernel gives none.
void *pages_map(size_t size);
void pages_unmap(void *pages, size_t size);

// A growing table in pages of its own: room for at least `wanted` items, moved if need
// be; new room is zero. NULL, with the table as it was, when there is no more memory.
// `items` is NULL at first; capacity counts items.
void *pages_reserve(void *items, size_t *capacity, size_t wanted, size_t item_size)
	__attribute__((warn_unused_result));

// Gives such a table back; NULL is none.
void pages_release(void *items, size_t capacity, size_t item_size);
