// Where the threads of a process that stands still are, and what is in their registers:
// of one that was stopped, of one that is a core file.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "target/pause.h"

struct core_memory;
struct goroutine_thread;

// The arrays are by thread, and owned. Registers that could not be read are zeros.
struct standing {
	struct goroutine_thread *threads; // ids as the process sees them
	uint64_t (*registers)[PAUSE_REGISTERS];
	size_t count;
};

struct standing standing_of_pause(const struct pause *pause);
struct standing standing_of_core(const struct core_memory *core);
void standing_deinit(struct standing *standing);
