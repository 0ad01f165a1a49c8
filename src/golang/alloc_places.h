// Where a Go program allocates: the functions that hand out memory of the heap, and in
// them the instructions at which arguments and results are in registers. Source:
// src/runtime/malloc.go and malloc_generated.go, releases 1.19 to 1.27.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct go_process;

enum { ALLOC_RETURNS_MAX = 16, ALLOC_FUNCTIONS_MAX = 128 };

// Addresses in the file's own terms. All take (size, type, needzero) and return the
// object.
struct alloc_function {
	uint64_t start, limit;
	// push %rbp behind the check of the stack, which may begin the function anew, or
	// up to Go 1.20 the jump of that check, which is taken then: instructions that
	// the kernel carries out itself.
	uint64_t entry;
	bool is_check;
	uint64_t returns[ALLOC_RETURNS_MAX];
	size_t return_count;
};

struct alloc_places {
	struct alloc_function functions[ALLOC_FUNCTIONS_MAX];
	size_t count;
};

// Finds them by the table of functions. False where the code is not as it is known.
bool alloc_places_find(const struct go_process *process, struct alloc_places *out,
		       struct error *err) __attribute__((warn_unused_result));
