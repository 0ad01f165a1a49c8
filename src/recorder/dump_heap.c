// What is known of glibc's allocator: malloc/malloc.c and malloc/arena.c of 2.26 to 2.41.
#include "recorder/dump_heap.h"

#include <string.h>

#include "base/str.h"
#include "profile/recording.h"
#include "recorder/space.h"
#include "recorder/state.h"
#include "recorder/walker.h"
#include "recorder/world.h"

enum {
	PAGE = 4096,
	CHUNK_HEADER = 16,
	CHUNK_IS_MAPPED = 2,
	CHUNK_IS_OF_ARENA = 4,
	CHUNK_FLAGS = 7,
	ARENA_SIZE = 64 << 20, // HEAP_MAX_SIZE: arenas begin at multiples of it
	// struct malloc_state: pairs of words for bins, each pointing to itself while
	// empty. The last bin is never used.
	BINS_SIZE = 254 * 8,
	BINS_HEAD = 128,
	BINS_FOOT = 96,
};

static void exclude_arena(struct space *space, uint64_t start)
{
	space_exclude(space, start, start + ARENA_SIZE);
}

// A block with a mapping of its own: its chunk is whole pages.
static bool exclude_mapped(struct space *space, uint64_t block, uint64_t size)
{
	uint64_t before = *(const uint64_t *)(uintptr_t)(block - CHUNK_HEADER);
	uint64_t start = block - CHUNK_HEADER - before, limit = start + before + size;

	if (start % PAGE != 0 || limit % PAGE != 0 || limit <= start)
		return false;
	space_exclude(space, start, limit);
	return true;
}

void dump_heap_exclude_block(struct space *space, uint64_t block)
{
	const struct space_map *map = space_find(space, block);
	uint64_t size;

	if (map == NULL || !map->is_readable || !map->is_anonymous)
		return;
	if (!map->is_heap && recorder.allocator_is_libc &&
	    block - map->start >= CHUNK_HEADER) {
		size = *(const uint64_t *)(uintptr_t)(block - 8);
		if ((size & CHUNK_IS_OF_ARENA) != 0) {
			exclude_arena(space, block & ~(uint64_t)(ARENA_SIZE - 1));
			return;
		}
		if ((size & CHUNK_IS_MAPPED) != 0 &&
		    exclude_mapped(space, block, size & ~(uint64_t)CHUNK_FLAGS))
			return;
	}
	space_exclude(space, map->start, map->limit);
}

// The last word of an array of bins in [start, limit); 0: there is none.
static uint64_t find_last_bin(uint64_t start, uint64_t limit)
{
	for (uint64_t at = limit - 16; at >= start + BINS_SIZE; at -= 8) {
		const uint64_t *pair = (const uint64_t *)(uintptr_t)at;

		if (pair[0] == at - CHUNK_HEADER && pair[1] == pair[0])
			return at;
	}
	return 0;
}

// The state of the main arena: it points to chunks, which begin inside the block before.
static void exclude_main_arena(struct space *space, const struct space_map *map)
{
	uint64_t last = find_last_bin(map->start, map->limit);

	if (last != 0)
		space_exclude(space, last + 16 - BINS_SIZE - BINS_HEAD,
			      last + 16 + BINS_FOOT);
}

static bool is_libc(const struct space_map *map)
{
	const char *base = strrchr(map->name, '/');

	return base != NULL && strncmp(base, "/libc", strlen("/libc")) == 0 &&
	       (base[5] == '.' || base[5] == '-');
}

// An arena without a live block: the part in use, then what is only reserved.
static bool is_arena(const struct space *space, size_t i)
{
	const struct space_map *map = &space->maps[i];

	return map->is_anonymous && map->start % ARENA_SIZE == 0 &&
	       i + 1 < space->map_count && map[1].start == map->limit &&
	       !map[1].is_readable && map[1].limit % ARENA_SIZE == 0;
}

void dump_heap_exclude_own(struct space *space)
{
	const struct recording *recording = state_recording();
	size_t pool_size;
	uint64_t pool = (uint64_t)walker_pool(&pool_size);

	for (size_t i = 0; i < space->map_count; i++) {
		const struct space_map *map = &space->maps[i];

		if (map->is_heap)
			space_exclude(space, map->start, map->limit);
		else if (map->is_writable && map->is_readable && is_libc(map))
			exclude_main_arena(space, map);
		else if (recorder.allocator_is_libc && is_arena(space, i))
			exclude_arena(space, map->start);
	}
	space_exclude(space, (uint64_t)recording, (uint64_t)recording + recording->size);
	space_exclude(space, (uint64_t)&recorder, (uint64_t)(&recorder + 1));
	if (pool != 0)
		space_exclude(space, pool, pool + pool_size);
}

static bool holds_living(const struct space_map *map, const struct world *world)
{
	uint64_t own = (uint64_t)__builtin_thread_pointer();

	if (own - map->start < map->limit - map->start)
		return true;
	for (size_t i = 0; i < world->count; i++) {
		if (world->threads[i].thread_pointer - map->start <
			    map->limit - map->start ||
		    world->threads[i].sp - map->start < map->limit - map->start)
			return true;
	}
	return false;
}

// At the top of a thread's stack is its block of thread-local storage, which begins with
// pointers to itself (tcbhead_t: tcb and self).
static bool has_thread_block(const struct space_map *map)
{
	enum { SEARCHED = 64 << 10, ALIGNMENT = 64, SELF = 2 };
	uint64_t lowest =
		map->limit - map->start > SEARCHED ? map->limit - SEARCHED : map->start;

	for (uint64_t at = map->limit - ALIGNMENT; at >= lowest; at -= ALIGNMENT) {
		const uint64_t *words = (const uint64_t *)(uintptr_t)at;

		if (words[0] == at && words[SELF] == at)
			return true;
	}
	return false;
}

void dump_heap_exclude_dead_stacks(struct space *space, const struct world *world)
{
	// Who lives is not known then.
	if (!atomic_load(&world->is_stopped))
		return;
	for (size_t i = 1; i < space->map_count; i++) {
		const struct space_map *map = &space->maps[i];
		bool has_guard = map[-1].limit == map->start && !map[-1].is_readable;

		if (has_guard && map->is_anonymous && map->is_readable &&
		    map->is_writable && !holds_living(map, world) &&
		    has_thread_block(map))
			space_exclude(space, map->start, map->limit);
	}
}

bool dump_heap_is_bss(const struct space *space, const struct space_map *map)
{
	return map > space->maps && map->is_anonymous && map->name[0] == '\0' &&
	       map[-1].limit == map->start && map[-1].is_writable &&
	       !map[-1].is_anonymous;
}
