// The stacks of an allocation trace with their names, and its account as a heap profile.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

struct error;
struct profile;
struct profile_stack_view;
struct recording;
struct trace_ledger;
struct trace_reader;

// A profile with one sample for each stack. Owns it.
struct trace_stacks {
	struct profile *profile;
	struct map sample_of; // by stack id
};

bool trace_stacks_open(const struct trace_reader *reader, struct trace_stacks *out,
		       struct error *err) __attribute__((warn_unused_result));
void trace_stacks_close(struct trace_stacks *stacks);

// The locations of a stack, leaf first; none where it is not known.
struct profile_stack_view trace_stacks_find(const struct trace_stacks *stacks,
					    uint32_t id);

// The heap profile that the account comes to, symbolized; the caller's to destroy.
bool trace_stacks_heap(const struct trace_reader *reader,
		       const struct trace_ledger *ledger, struct profile **out,
		       struct error *err) __attribute__((warn_unused_result));
