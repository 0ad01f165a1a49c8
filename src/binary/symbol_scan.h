// Names for a few addresses of an ELF file by one pass over its symbols, without the heap
// and without an index: for libgoprof, which answers from inside a process.
// Source: System V ABI, "Object Files".
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// An address of the file's own, and the function that covers it: name "" and start 0
// where there is none. Views of the image.
struct symbol_scan_query {
	uint64_t address;
	struct str name; // as in the file, mangled, without its version
	uint64_t start;
	bool is_global;
};

// The file's own address of an offset in it; false when no loaded segment has it.
bool symbol_scan_address(struct str image, uint64_t offset, uint64_t *address);

// Fills in queries, which are sorted by address. Reads .symtab, else .dynsym; every
// offset is bounded by the image, which may be anything. Of several functions the
// innermost is taken, and of several names of one a global before a local.
void symbol_scan(struct str image, struct symbol_scan_query *queries, size_t count);
