// runtime.MemStats of a process, without stopping it. Source: readmemstats_m in
// src/runtime/mstats.go, releases 1.19 to 1.27.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct go_process;

enum { MEMSTATS_PAUSES = 256, MEMSTATS_SIZES = 61 };

// Bytes, counts and nanoseconds as in Go, whose documentation says what each is.
struct memstats {
	uint64_t alloc, total_alloc, sys, mallocs, frees;
	uint64_t heap_alloc, heap_sys, heap_idle, heap_inuse, heap_released, heap_objects;
	uint64_t stack_inuse, stack_sys, mspan_inuse, mspan_sys, mcache_inuse, mcache_sys;
	uint64_t buck_hash_sys, gc_sys, other_sys;
	uint64_t next_gc, last_gc, pause_total_ns;
	uint64_t pause_ns[MEMSTATS_PAUSES], pause_end[MEMSTATS_PAUSES];
	uint32_t num_gc, num_forced_gc;
	double gc_cpu_fraction;
	struct memstats_size {
		uint32_t size;
		uint64_t mallocs, frees;
	} by_size[MEMSTATS_SIZES];
	// Nothing of it was being written while it was read. Where it was, counts may be
	// off by what was allocated meanwhile.
	bool is_settled;
};

bool memstats_read(const struct go_process *process, struct memstats *out,
		   struct error *err) __attribute__((warn_unused_result));
