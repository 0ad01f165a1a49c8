// What a whole allocation trace comes to: totals by kind, size and stack, leaks, and
// frees that are wrong.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "profile/trace_ledger.h"

struct profile;
struct profile_stack_view;
struct writer;

enum { TRACE_SIZE_CLASSES = 65 };

// Sites are joined by stack. Counts and bytes of all allocations, and of those that were
// not freed.
struct trace_stack_total {
	uint32_t stack;
	uint64_t allocated, allocated_bytes, live, live_bytes;
};

struct trace_size_total {
	uint64_t allocated, live;
};

// Owns the stacks; borrows the ledger.
struct trace_summary {
	const struct trace_ledger *ledger;
	struct trace_stack_total *stacks; // most allocated bytes first
	size_t stack_count, stack_capacity;
	struct trace_size_total sizes[TRACE_SIZE_CLASSES]; // [i]: below 2^i bytes
	uint64_t allocations, frees, lost;
	bool is_part; // the program went on after the trace, false by trace_summary_init
};

// Where names of stacks come from.
struct trace_names {
	const struct profile *profile;
	struct profile_stack_view (*find)(const void *context, uint32_t stack);
	const void *context;
};

void trace_summary_init(struct trace_summary *summary, const struct trace_ledger *ledger,
			uint64_t lost);
void trace_summary_deinit(struct trace_summary *summary);

// Everything; leaks and wrong frees alone.
void trace_summary_text(struct trace_summary *summary, const struct trace_names *names,
			struct writer *w);
void trace_summary_faults(struct trace_summary *summary, const struct trace_names *names,
			  struct writer *w);
void trace_summary_json(const struct trace_summary *summary,
			const struct trace_names *names, struct writer *w);
