// Call stacks from registers and memory: .eh_frame rows, Go's pcsp tables, frame
// pointers.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory;
struct unwind_table;
struct unwind_trail;

// DWARF register numbers of x86-64 (System V psABI, figure 3.36), 16 is the return
// address.
enum unwind_register {
	UNWIND_RAX,
	UNWIND_RDX,
	UNWIND_RCX,
	UNWIND_RBX,
	UNWIND_RSI,
	UNWIND_RDI,
	UNWIND_RBP,
	UNWIND_RSP,
	UNWIND_R8,
	UNWIND_R9,
	UNWIND_R10,
	UNWIND_R11,
	UNWIND_R12,
	UNWIND_R13,
	UNWIND_R14,
	UNWIND_R15,
	UNWIND_RIP,
	UNWIND_REGISTERS,
};

// Values and which of them are known (bit i of known is value[i]).
struct unwind_registers {
	uint64_t value[UNWIND_REGISTERS];
	uint32_t known;
	bool is_return; // RIP is where a call returns to, not where the thread stands
};

// One executable mapping of the process whose stack is walked. `table` may be NULL: frame
// pointers alone. Address - bias is the file's own virtual address.
struct unwind_mapping {
	uint64_t start, limit;
	uint64_t bias;
	const struct unwind_table *table;
};

// Sorted by start, not overlapping; borrowed.
struct unwind_space {
	const struct unwind_mapping *mappings;
	size_t count;
};

// How a walk ended.
enum unwind_end {
	UNWIND_COMPLETE,  // reached the outermost frame
	UNWIND_TOO_DEEP,  // more frames than asked for
	UNWIND_STACK_CUT, // ran off the readable part of the stack
	UNWIND_NO_TABLE,  // a pc outside all mappings (left behind the last one stored),
			  // or code that nothing describes
	UNWIND_BAD_FRAME, // rules and memory contradict each other
};

// Walks from registers (RIP and RSP must be known). pcs[0] is RIP itself; the others are
// return addresses, except behind a signal frame, where it is the interrupted pc itself:
// is_exact[i] tells which. Returns how many were stored, at least 1 when max > 0. Touches
// nothing but its arguments: no lock, no allocation, async-signal-safe.
size_t unwind_walk(const struct unwind_space *space, const struct memory *stack,
		   const struct unwind_registers *registers, uint64_t *pcs,
		   bool *is_exact, size_t max, enum unwind_end *end);

// Rules met lately, by address: makes walks of stacks that repeat several times faster.
// Zero-initialised is empty. One per thread; forget it (zero it) when a mapping goes.
enum { UNWIND_CACHE_SIZE = 1024 };

struct unwind_cache_entry {
	uint64_t address;
	uint64_t rule; // a row of the table, private
};

// Who walks a stack of this very process may say which addresses can be read as they are:
// [direct_start, direct_limit), both multiples of 8; 0 and 0 is none. And where to leave
// a trail, NULL: nowhere.
struct unwind_cache {
	uint64_t direct_start, direct_limit;
	struct unwind_trail *trail;
	struct unwind_cache_entry entries[UNWIND_CACHE_SIZE];
};

// unwind_walk with a cache.
size_t unwind_walk_cached(const struct unwind_space *space, const struct memory *stack,
			  struct unwind_cache *cache,
			  const struct unwind_registers *registers, uint64_t *pcs,
			  bool *is_exact, size_t max, enum unwind_end *end);
