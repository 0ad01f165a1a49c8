// The Boehm-Demers-Weiser collector (libgc) of a program that uses it: a line for each
// collection, its numbers, and the death of blocks that the heap profile sampled. Found
// by dlsym, never linked.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum collector_trace { COLLECTOR_SILENT, COLLECTOR_LINES, COLLECTOR_JSON };

// Takes part in every collection from now on, after the program's own callback. False
// where there is no libgc of 7.6 or newer. Only where the loader may be asked.
bool collector_watch(enum collector_trace trace);

// In bytes, as of now; all since the start of the process.
struct collector_numbers {
	uint64_t heap, free, unmapped;    // unmapped: given back to the system
	uint64_t total_allocated;         // ever
	uint64_t obtained;                // from the system
	uint64_t collections, markers;    // markers: threads that mark at once
	uint64_t pause_ns, last_pause_ns; // the world stood still, while watched
};

// False where collector_watch found nothing. Takes the collector's lock.
bool collector_read(struct collector_numbers *out);
