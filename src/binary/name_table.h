// Named address ranges from a text file: the kernel's symbols, a JIT's perf map.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct name_range {
	uint64_t start, limit;
	struct str name;
	uint64_t reach; // highest limit of this range and all before it
	uint32_t age;   // when it was added; of two that overlap, the later one holds
};

// Zero-initialised is empty and valid. Names are borrowed.
struct name_table {
	struct name_range *ranges;
	size_t count, capacity;
};

void name_table_deinit(struct name_table *table);

// Adds [start, limit); limit 0 stands for "up to the next one".
void name_table_add(struct name_table *table, uint64_t start, uint64_t limit,
		    struct str name);

// After the last addition, before the first search.
void name_table_sort(struct name_table *table);

// The latest added range that covers the address, or NULL.
const struct name_range *name_table_find(const struct name_table *table,
					 uint64_t address);
