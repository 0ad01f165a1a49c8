// Go's type descriptors in the memory of a process: size, pointers, name. Source:
// internal/abi/type.go, the same in Go 1.19 to 1.27 where nothing else is said.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

struct go_process;

struct go_rtype {
	uint64_t size, pointer_bytes; // pointers are within the first pointer_bytes
	// A bit for each of those words; NULL: made by a program or not made yet, so that
	// any word may be a pointer.
	const uint8_t *mask;
	struct str name;
};

// Remembers what was read. Rows are stable ids from 0 on; pointers into it are not.
struct go_rtypes {
	const struct go_process *process;
	uint64_t names;  // moduledata.types, which names are offsets from
	struct map rows; // by address
	struct go_rtype *items;
	size_t count, capacity;
	struct arena arena;
};

void go_rtypes_deinit(struct go_rtypes *types);

// The row of the type at an address, MAP_NONE where there is none.
uint32_t go_rtypes_row(struct go_rtypes *types, uint64_t address);
