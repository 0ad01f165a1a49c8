// A block is in one of the two: what was put into the table before every block was known
// stays there.
#include "recorder/heap_blocks.h"

#include "recorder/block_map.h"
#include "recorder/live_table.h"
#include "recorder/state.h"

static struct block_map *map_of(void)
{
	return atomic_load_explicit(&recorder.heap_map, memory_order_acquire);
}

bool heap_blocks_begin(void)
{
	return live_table_find(&recorder.heap_blocks) != NULL;
}

bool heap_blocks_begin_all(void)
{
	return heap_blocks_begin() && block_map_find(&recorder.heap_map) != NULL;
}

static bool has_table(void)
{
	return atomic_load_explicit(&recorder.heap_table_is_used, memory_order_relaxed);
}

static bool put_in_table(uintptr_t block, uint32_t bucket, uint32_t *before)
{
	if (!has_table())
		atomic_store(&recorder.heap_table_is_used, true);
	return live_table_replace(recorder.heap_blocks, block, bucket, before);
}

bool heap_blocks_put(uintptr_t block, uint32_t bucket, uint32_t *before)
{
	uint64_t rate = atomic_load_explicit(&recorder.heap_rate, memory_order_relaxed);

	*before = 0;
	if (rate != 1 || !block_map_takes(block))
		return put_in_table(block, bucket, before);
	if (!block_map_put(map_of(), block, bucket, before))
		return put_in_table(block, bucket, before);
	if (*before == 0 && has_table())
		*before = live_table_remove(recorder.heap_blocks, block);
	return true;
}

uint32_t heap_blocks_take(uintptr_t block)
{
	struct block_map *map = map_of();
	uint32_t bucket = 0;

	if (map != NULL && block_map_takes(block))
		bucket = block_map_remove(map, block);
	if (bucket == 0 && has_table())
		bucket = live_table_remove(recorder.heap_blocks, block);
	return bucket;
}

void heap_blocks_sweep(bool (*is_gone)(uint64_t block),
		       void (*removed)(uint64_t block, uint32_t bucket))
{
	uint64_t cursor = 0, block;
	uint32_t bucket;

	live_table_sweep(recorder.heap_blocks, is_gone, removed);
	while (block_map_next(map_of(), &cursor, &block, &bucket)) {
		if (!is_gone(block))
			continue;
		bucket = block_map_remove(map_of(), block);
		if (bucket != 0)
			removed(block, bucket);
	}
}

void heap_blocks_reset(void)
{
	live_table_reset(recorder.heap_blocks);
	block_map_reset(map_of());
}

void heap_blocks_lock(void)
{
	live_table_lock(recorder.heap_blocks);
}

void heap_blocks_unlock(void)
{
	live_table_unlock(recorder.heap_blocks);
}

bool heap_blocks_next(struct heap_blocks_cursor *cursor, uint64_t *block,
		      uint32_t *bucket)
{
	return live_table_next(recorder.heap_blocks, &cursor->in_table, block, bucket) ||
	       block_map_next(map_of(), &cursor->in_map, block, bucket);
}
