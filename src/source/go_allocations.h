// The allocations of a live Go program with the names of their types, and what they come
// to: by type, by stack, as a heap profile.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/alloc_probe.h"
#include "golang/alloc_text.h"

struct error;
struct go_allocations;
struct go_process;
struct profile;

// Sets the probes. The process must outlive it.
bool go_allocations_open(struct go_process *process, enum alloc_detail detail,
			 struct go_allocations **out, struct error *err)
	__attribute__((warn_unused_result));
void go_allocations_close(struct go_allocations *allocations);

// The next allocation, counted in the sums below; false: none waits. What it points to is
// valid until the next call.
bool go_allocations_next(struct go_allocations *allocations,
			 struct alloc_text_event *out);

struct alloc_probe_counts go_allocations_counts(const struct go_allocations *allocations);

struct go_allocation_sum {
	uint64_t count, bytes;
	struct str type;          // of sums by type; "": memory without one
	struct alloc_stack stack; // of sums by stack
};

// Owns its arrays; largest bytes first.
struct go_allocation_sums {
	struct go_allocation_sum *types, *stacks;
	size_t type_count, stack_count;
	uint64_t count, bytes;
};

void go_allocations_sum(const struct go_allocations *allocations,
			struct go_allocation_sums *out);
void go_allocation_sums_deinit(struct go_allocation_sums *sums);

// alloc_objects and alloc_space, with the type and the size as labels.
struct profile *go_allocations_profile(const struct go_allocations *allocations);
