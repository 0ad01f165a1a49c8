// Every allocation of a live Go program while it is watched, by probes on the functions
// that allocate. Frees are not seen: a collection sweeps whole spans, no code runs for an
// object.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct go_process;
struct alloc_probe;

struct alloc_event {
	uint64_t time_ns; // CLOCK_MONOTONIC, when it was asked for
	uint64_t address; // 0: not asked for
	uint64_t size;
	uint64_t type;      // of its elements; address of the descriptor, 0: none
	uint64_t goroutine; // goid, 0: a thread of the runtime without one
	uint32_t stack;     // for alloc_probe_stack
};

// Return addresses, the allocating function's caller first, by frame pointers.
struct alloc_stack {
	const uint64_t *pcs;
	size_t count;
	bool is_cut; // there are more
};

// Without addresses only entries of functions are probed, which costs the program far
// less.
enum alloc_detail { ALLOC_WITHOUT_ADDRESSES, ALLOC_WITH_ADDRESSES };

bool alloc_probe_open(const struct go_process *process, enum alloc_detail detail,
		      struct alloc_probe **out, struct error *err)
	__attribute__((warn_unused_result));
void alloc_probe_close(struct alloc_probe *probe);

// The next allocation that is complete; false: none waits. To be called often enough that
// the ring, which has room for some 50,000 of them, does not run over.
bool alloc_probe_next(struct alloc_probe *probe, struct alloc_event *out);

// Equal stacks have equal numbers, from 0 on.
struct alloc_stack alloc_probe_stack(const struct alloc_probe *probe, uint32_t stack);

struct alloc_probe_counts {
	size_t probes;
	uint64_t lost;    // hits without room in the ring; an allocation has one or two
	uint64_t damaged; // allocations left out because one of their hits was lost
};

struct alloc_probe_counts alloc_probe_counts(const struct alloc_probe *probe);
