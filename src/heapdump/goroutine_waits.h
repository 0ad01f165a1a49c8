// What blocked goroutines wait for: channels, mutexes, wait groups, by address.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

struct go_process;
struct goroutine;
struct go_marks;

// Owns its tables. Zero-initialised is empty.
struct goroutine_waits {
	const struct go_process *process;
	struct go_marks *marks; // whose sudogs are sealed as they are met
	struct map semaphores;  // address of g -> row of addresses
	uint64_t *addresses;
	size_t count, capacity;
};

// Walks runtime.semtable, where mutexes and wait groups have their waiters.
void goroutine_waits_read(struct goroutine_waits *waits, const struct go_process *process,
			  struct go_marks *marks);
void goroutine_waits_deinit(struct goroutine_waits *waits);

// Appends the addresses that the goroutine waits for; false where none is found.
bool goroutine_waits_add(struct goroutine_waits *waits, const struct goroutine *goroutine,
			 size_t *first, size_t *count);
