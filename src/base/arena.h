// Memory that is freed all at once: an arena per loaded profile, per report, per request.
#pragma once

#include <stddef.h>

struct arena_chunk;

// Zero-initialised is empty and valid. Under AddressSanitizer every object is a malloc of
// its own, so that overruns are seen. Out of memory ends the tool, here and nowhere else;
// the recorder has pools of its own and never includes this file.
struct arena {
	struct arena_chunk *newest;
	char *next;
	size_t left;
	size_t chunk_size; // of the next chunk: they double, so a scratch arena is cheap
};

void arena_deinit(struct arena *arena);

// Zeroed, aligned for any type, valid until arena_deinit.
void *arena_alloc(struct arena *arena, size_t size)
	__attribute__((malloc, alloc_size(2), returns_nonnull));

// Zeroed room for count items; an overflowing product counts as out of memory.
void *arena_array(struct arena *arena, size_t count, size_t item_size)
	__attribute__((malloc, alloc_size(2, 3), returns_nonnull));

// Growable heap tables, for what is too large or too short-lived for an arena. Returns
// items with room for at least `wanted` of them, moved if need be; new room is not
// zeroed. The owner frees the block with free(). Out of memory ends the tool.
static inline void *table_reserve(void *items, size_t *capacity, size_t wanted,
				  size_t item_size);

// Room for `count` items, all zero; the owner frees the block with free(). Out of memory
// ends the tool.
void *table_zeroed(size_t count, size_t item_size)
	__attribute__((warn_unused_result, returns_nonnull));

// Ends the tool with one sentence, for allocations elsewhere that fail.
_Noreturn void arena_out_of_memory(size_t size);

// The slow half of table_reserve.
void *table_grow(void *items, size_t *capacity, size_t wanted, size_t item_size)
	__attribute__((warn_unused_result, returns_nonnull));

static inline void *table_reserve(void *items, size_t *capacity, size_t wanted,
				  size_t item_size)
{
	return items != NULL && wanted <= *capacity
		       ? items
		       : table_grow(items, capacity, wanted, item_size);
}
