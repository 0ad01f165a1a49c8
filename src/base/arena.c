// Chunked bump allocation, and the one place where the tool gives up on memory.
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

enum {
	ALIGNMENT = 16,
	CHUNK_FIRST = 2 * 1024,
	CHUNK_MAX = 256 * 1024,
	HUGE_PAGES_FROM = 1 << 20
};

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

static size_t next_chunk_size(struct arena *arena)
{
	size_t size = arena->chunk_size == 0 ? CHUNK_FIRST : arena->chunk_size;

	arena->chunk_size = size < CHUNK_MAX ? 2 * size : size;
	return size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	char *object;

	if (size > PTRDIFF_MAX - CHUNK_MAX)
		arena_out_of_memory(size);
	if (ONE_OBJECT_A_CHUNK)
		return chunk_add(arena, size);
	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (size > arena->left) {
		size_t chunk_size = next_chunk_size(arena);

		if (size > chunk_size / 4)
			return chunk_add(arena, size);
		arena->next = chunk_add(arena, chunk_size);
		arena->left = chunk_size;
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

// Tables of this size are faulted in 2 MiB at a time where the kernel lets us: thousands
// of page faults take longer than filling the pages. Only advice, so failure is no
// matter.
static void advise_huge_pages(void *items, size_t size)
{
	uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)items + page_size - 1) & ~(page_size - 1);
	uintptr_t to = ((uintptr_t)items + size) & ~(page_size - 1);

	madvise((void *)from, to - from, MADV_HUGEPAGE);
}

void *table_grow(void *items, size_t *capacity, size_t wanted, size_t item_size)
{
	size_t grown = *capacity + *capacity / 2;
	size_t size;

	if (grown < wanted)
		grown = wanted < 16 ? 16 : wanted;
	if (__builtin_mul_overflow(grown, item_size, &size))
		arena_out_of_memory(SIZE_MAX);
	items = realloc(items, size);
	if (items == NULL)
		arena_out_of_memory(size);
	if (size >= HUGE_PAGES_FROM)
		advise_huge_pages(items, size);
	*capacity = grown;
	return items;
}

void *table_zeroed(size_t count, size_t item_size)
{
	void *items = calloc(count, item_size);

	if (items == NULL)
		arena_out_of_memory(count * item_size);
	if (count * item_size >= HUGE_PAGES_FROM)
		advise_huge_pages(items, count * item_size);
	return items;
}
