// Writes a heap dump of this process: every live block with where it was allocated, its
// contents, and all memory that may hold pointers to it. docs/heapdump-format.md.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct error;

enum heap_dump_form {
	HEAP_DUMP_CONTENTS,
	HEAP_DUMP_POINTERS, // what may be pointers, and nothing else of the memory
};

// All other threads stand still for a moment, in which the process copies itself by
// clone(2); the copy writes the dump and ends. Fails where not every block is known
// because the heap profile does not run at rate 1. Not for signal handlers.
//
// `sp` is where the stack of the program ends, in a function that called
// __builtin_unwind_init: what is below is ours, and full of what was there before.
bool heap_dump_write(int fd, enum heap_dump_form form, uint64_t sp, struct error *err);

// The same to a file, which appears complete or not at all; "%p" is the process id.
bool heap_dump_write_file(struct str path, enum heap_dump_form form, uint64_t sp,
			  struct error *err);

// The stack pointer, with the registers of the caller spilled above it.
#define HEAP_DUMP_STACK()                                       \
	({                                                      \
		uint64_t sp_;                                   \
		__builtin_unwind_init();                        \
		__asm__ volatile("movq %%rsp, %0" : "=r"(sp_)); \
		sp_;                                            \
	})
