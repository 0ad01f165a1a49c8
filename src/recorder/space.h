// The mappings of this process, and what of them may hold pointers into the heap: what
// can be written, less the heap itself and whatever else is excluded.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct space_map {
	uint64_t start, limit;
	bool is_readable, is_writable, is_private;
	bool is_anonymous; // no file behind it
	bool is_heap;      // of brk(2)
	bool is_stack;     // of the main thread
	char name[160];    // cut; "" for none
};

struct space_range {
	uint64_t start, limit;
};

// In pages of its own. Zero-initialised is empty and valid.
struct space {
	struct space_map *maps; // by address
	size_t map_count, map_capacity;
	struct space_range *excluded;
	size_t excluded_count, excluded_capacity;
	size_t last; // row of maps that was found last
	bool is_out_of_memory;
};

// Reads /proc/self/maps, without the heap or a lock. False where that fails.
bool space_read(struct space *space);
void space_deinit(struct space *space);

// The map that holds an address; NULL where there is none.
const struct space_map *space_find(struct space *space, uint64_t address);

void space_exclude(struct space *space, uint64_t start, uint64_t limit);

struct space_visitor {
	void (*visit)(struct space_visitor *visitor, const struct space_map *map,
		      struct space_range range);
};

// Every range that may hold pointers, in the order of addresses: private memory that can
// be read and written, without what is excluded, and without pages that were never
// touched.
void space_visit(struct space *space, struct space_visitor *visitor);
