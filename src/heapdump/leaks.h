// Which blocks of a heap without a collector are lost, told apart as valgrind's leak
// check does (memcheck/mc_leakcheck.c): by whether and how pointers lead to them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "heapdump/naming.h"

struct heap;

enum leaks_kind {
	LEAKS_REACHABLE, // by pointers to the starts of blocks alone
	LEAKS_POSSIBLE,  // only by ways with a pointer into the middle of a block
	LEAKS_INDIRECT,  // lost, but a lost block points to it
	LEAKS_DEFINITE,  // lost, and the first of what hangs on it
	LEAKS_KIND_COUNT,
};

struct leaks_total {
	uint64_t count, bytes;
};

struct leaks_row {
	struct str name; // of site or type
	enum leaks_kind kind;
	uint64_t count, bytes;
	uint64_t indirect_bytes; // that hang on the definite ones of the row
	uint32_t example;        // object
};

// Rows of each kind, definite losses first, largest first. Rows and kinds are blocks that
// it owns, names are in the arena or borrowed from the heap.
struct leaks {
	uint8_t *kinds; // by object: enum leaks_kind
	struct leaks_total totals[LEAKS_KIND_COUNT];
	struct leaks_row *rows;
	size_t count;
	struct arena arena;
};

// "definitely lost"
const char *leaks_kind_name(enum leaks_kind kind);

// Classifies the heap if need be. With a garbage collector, any pointer into an object
// keeps it, so nothing is ever possibly lost; the heap's is_conservative tells.
void leaks_init(struct leaks *leaks, struct heap *heap, enum naming_by by);
void leaks_deinit(struct leaks *leaks);
