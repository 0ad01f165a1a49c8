// Chunked bump allocation, and the one place where the tool gives up on memory.
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
enum { ONE_OBJECT_A_CHUNK = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { ONE_OBJECT_A_CHUNK = 1 };
#else
enum { ONE_OBJECT_A_CHUNK = 0 };
#endif
#else
enum { ONE_OBJECT_A_CHUNK = 0 };
#endif

enum { ALIGNMENT = 16, CHUNK_SIZE = 256 * 1024 };

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
};

_Noreturn void arena_out_of_memory(size_t size)
{
	fprintf(stderr, "goprof: out of memory: %zu more bytes were needed\n", size);
	exit(1);
}

void arena_deinit(struct arena *arena)
{
	struct arena_chunk *chunk = arena->newest;

	while (chunk != NULL) {
		struct arena_chunk *older = chunk->older;

		free(chunk);
		chunk = older;
	}
	*arena = (struct arena){ 0 };
}

static char *chunk_add(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (chunk == NULL)
		arena_out_of_memory(size);
	chunk->older = arena->newest;
	chunk->size = size;
	arena->newest = chunk;
	return (char *)(chunk + 1);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	char *object;

	if (size > PTRDIFF_MAX - CHUNK_SIZE)
		arena_out_of_memory(size);
	if (ONE_OBJECT_A_CHUNK)
		return chunk_add(arena, size);
	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (size > CHUNK_SIZE / 4)
		return chunk_add(arena, size);
	if (size > arena->left) {
		arena->next = chunk_add(arena, CHUNK_SIZE);
		arena->left = CHUNK_SIZE;
	}
	object = arena->next;
	arena->next += size;
	arena->left -= size;
	return object;
}

void *arena_array(struct arena *arena, size_t count, size_t item_size)
{
	size_t size;

	if (__builtin_mul_overflow(count, item_size, &size))
		arena_out_of_memory(SIZE_MAX);
	return arena_alloc(arena, size);
}

void *table_reserve(void *items, size_t *capacity, size_t wanted, size_t item_size)
{
	size_t grown = *capacity + *capacity / 2;
	size_t size;

	if (items != NULL && wanted <= *capacity)
		return items;
	if (grown < wanted)
		grown = wanted < 16 ? 16 : wanted;
	if (__builtin_mul_overflow(grown, item_size, &size))
		arena_out_of_memory(SIZE_MAX);
	items = realloc(items, size);
	if (items == NULL)
		arena_out_of_memory(size);
	*capacity = grown;
	return items;
}
