// A dump ready for questions: the heap, its dominators, and the program that it was.
#pragma once

#include <stdbool.h>

#include "heapdump/dominators.h"
#include "heapdump/heap.h"

struct elf;
struct error;

struct opened_dump {
	struct heap heap;
	struct dominators dominators;
	struct elf *program; // NULL: none was named
};

// `program` is the file that the process ran, NULL for none; globals are named after it.
bool opened_dump_open(const char *path, const char *program, struct opened_dump *out,
		      struct error *err) __attribute__((warn_unused_result));
void opened_dump_close(struct opened_dump *dump);
