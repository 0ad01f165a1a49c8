// The live blocks of the heap that are known, and what each is counted in: in a table
// where they are few, in a map by address where they are all (memprofilerate 1).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Makes room for the first of them. False for lack of memory.
bool heap_blocks_begin(void);

// From now on every block is put in.
bool heap_blocks_begin_all(void);

// The three below may take a lock for a moment: a thread that is in here must not come in
// again from a signal handler or an allocation (thread_state.is_inside tells).

// Puts a block in; *before is the bucket that it had, 0: none. False when there is no
// room.
bool heap_blocks_put(uintptr_t block, uint32_t bucket, uint32_t *before);

// Takes a block out and returns its bucket; 0 where it is not known.
uint32_t heap_blocks_take(uintptr_t block);

// Takes out every block that `is_gone` says so of, and tells of its bucket. Blocks may be
// missed while others put some in.
void heap_blocks_sweep(bool (*is_gone)(uint64_t block),
		       void (*removed)(uint64_t block, uint32_t bucket));

// In a forked child: forgets all, and whoever held the locks.
void heap_blocks_reset(void);

// While nobody may put or take: the caller has locked, or is a copy of a process that
// had.
void heap_blocks_lock(void);
void heap_blocks_unlock(void);

// Goes through all of them, in no order that matters: a zeroed cursor at first; false at
// the end.
struct heap_blocks_cursor {
	uint64_t in_table, in_map;
};

bool heap_blocks_next(struct heap_blocks_cursor *cursor, uint64_t *block,
		      uint32_t *bucket);
