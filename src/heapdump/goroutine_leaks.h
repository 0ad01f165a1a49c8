// Goroutines that can never run again: blocked on what nothing that can run can reach.
// What Go itself offers since 1.26 as the goroutineleak profile, for every release and
// from outside.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "golang/goroutines.h"

struct error;
struct go_process;

struct goroutine_leaks_options {
	const struct goroutine_thread *threads; // as of goroutine_options
	size_t thread_count;
	const uint64_t *registers; // of all threads, whatever may hold pointers
	size_t register_count;
};

// Owns the map.
struct goroutine_leaks {
	struct map ids; // of the leaked ones: goroutine id -> 0
	size_t blocked; // that were looked into
	size_t unknown; // of them not known for what they wait: taken for alive
	size_t leaked;
	uint64_t unread_spans; // of the heap: what only they lead to may seem lost
};

// The process must stand still, or be a core file. Pointers in stacks and globals are
// told by their values alone, so that a leak may be missed by chance, but hardly anything
// be called one that is none.
bool goroutine_leaks_find(struct go_process *process,
			  const struct goroutine_leaks_options *options,
			  struct goroutine_leaks *out, struct error *err)
	__attribute__((warn_unused_result));
void goroutine_leaks_deinit(struct goroutine_leaks *leaks);
