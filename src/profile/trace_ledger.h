// The account of an allocation trace: which blocks live, what each site allocated, and
// which frees are wrong.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "profile/trace.h"

// The last known of an address.
struct trace_block {
	uint64_t address, size;
	uint64_t allocated_ns, freed_ns;
	uint32_t stack, tid;           // of its allocation
	uint32_t free_stack, free_tid; // of its free
	uint32_t site;
	bool is_live;
};

// Allocations of one stack and size.
struct trace_site {
	uint64_t size;
	uint32_t stack;
	enum trace_event event; // of its first allocation
	uint64_t allocated, freed;
};

enum trace_fault {
	TRACE_FAULT_DOUBLE,   // the block had been freed before
	TRACE_FAULT_INTERIOR, // the address is inside a live block
	TRACE_FAULT_STACK,    // the address is on the thread's stack
};

// A free that cannot be right, and the block it is about (of a stack: none).
struct trace_wrong_free {
	enum trace_fault fault;
	uint32_t stack, tid;
	uint64_t address, time_ns;
	struct trace_block block;
};

struct trace_ledger {
	struct trace_block *blocks;
	size_t block_count, block_capacity;
	struct map block_of; // by address
	struct trace_site *sites;
	size_t site_count, site_capacity;
	struct map site_of; // by stack and size
	struct map size_of; // ids of sizes
	uint32_t sizes;
	struct trace_wrong_free *wrong; // at most TRACE_WRONG_MAX of them
	size_t wrong_count, wrong_capacity;
	uint64_t wrong_total;
	uint64_t unknown_frees; // of blocks from before the trace, as far as one can tell
	uint64_t events[TRACE_EVENTS];
	uint64_t event_bytes[TRACE_EVENTS];
	uint64_t live, live_bytes, most_live_bytes;
};

enum { TRACE_WRONG_MAX = 1000 };

void trace_ledger_deinit(struct trace_ledger *ledger);

// Takes an event in, in the order of time. The block it is about: of a free, what was
// known of it before; NULL where nothing was. Valid until the next event.
const struct trace_block *trace_ledger_add(struct trace_ledger *ledger,
					   const struct trace_record *record,
					   uint32_t tid);
