// Addresses of the Go runtime's global variables by name.
#pragma once

#include <stdint.h>

#include "base/map.h"
#include "base/str.h"

struct elf;

// Zero-initialised is empty. Names are views of the ELF file.
struct go_symbols {
	struct interner names;
	uint64_t *addresses; // by id of the name; the file's own
	size_t capacity;
};

// Takes the data symbols of the runtime from .symtab; a stripped file has none.
void go_symbols_read(struct elf *elf, struct go_symbols *out);
void go_symbols_deinit(struct go_symbols *symbols);

// The file's own address of a variable such as "runtime.allglen", 0 where it is unknown.
uint64_t go_symbols_find(const struct go_symbols *symbols, struct str name);

// Adds one that was found by other means.
void go_symbols_add(struct go_symbols *symbols, struct str name, uint64_t address);
