// The buckets in which the runtime counts what it samples: one for each stack (and, of
// memory, size), in lists that only grow. Source: src/runtime/mprof.go.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

struct error;
struct go_process;

// A bucket as it was read. `record` is what the runtime keeps behind the stack.
struct bucket {
	uint64_t address;      // in the process: the same bucket for ever
	uint64_t object_size;  // of memory, else 0
	const uint64_t *stack; // return addresses, leaf first
	size_t depth;
	const uint8_t *record;
};

// Zero-initialised is empty. Stacks and records are in the arena.
struct bucket_list {
	struct arena arena;
	struct bucket *items;
	size_t count, capacity;
};

// Reads the list that begins at a variable such as "runtime.mbuckets". Records are as
// they were while it was read: what they count may have gone on meanwhile.
bool bucket_list_read(const struct go_process *process, struct str variable,
		      size_t record_size, struct bucket_list *out, struct error *err)
	__attribute__((warn_unused_result));
void bucket_list_deinit(struct bucket_list *list);

// By address, the place of each bucket of the list; the caller frees it by map_deinit.
struct map bucket_list_places(const struct bucket_list *list);

// A count that was computed in floating point, kept within bounds: damaged memory may
// hold any number.
int64_t bucket_bounded(double value);

// An unsigned word of a record.
uint64_t bucket_word(const struct bucket *bucket, int32_t offset);
