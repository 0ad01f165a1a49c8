// What is there now, and the bucket that it was counted in: blocks of the heap by their
// addresses, values of custom profiles.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Takes a lock of its own for a moment: a thread that is in here must not come in again
// from a signal handler or an allocation (thread_state.is_inside tells).
struct live_table;

// The table at `place`, made when there is none; NULL for lack of memory.
struct live_table *live_table_find(_Atomic(struct live_table *) *place);

// Adds a key, or gives it another bucket. False when there is no room. No key is
// UINT64_MAX.
bool live_table_add(struct live_table *table, uint64_t key, uint32_t bucket);

// The same, and tells the bucket that it had: 0 where it was not there.
bool live_table_replace(struct live_table *table, uint64_t key, uint32_t bucket,
			uint32_t *before);

// Removes a key and returns its bucket; 0 where it is not there.
uint32_t live_table_remove(struct live_table *table, uint64_t key);

// Removes every key that `is_gone` says so of, and tells of its bucket. Keys may be
// missed while others change the table.
void live_table_sweep(struct live_table *table, bool (*is_gone)(uint64_t key),
		      void (*removed)(uint64_t key, uint32_t bucket));

// Forgets all, and whoever held the locks. NULL is no table.
void live_table_reset(struct live_table *table);

// While nobody may change the table: the caller holds all locks, or is a copy of a
// process whose threads did. NULL is no table.
void live_table_lock(struct live_table *table);
void live_table_unlock(struct live_table *table);

// Goes through all keys, in no order that matters: *cursor is 0 at first; false at the
// end.
bool live_table_next(const struct live_table *table, uint64_t *cursor, uint64_t *key,
		     uint32_t *bucket);
