// The types of a Go program's global variables, from its DWARF: where each is, and the
// runtime's descriptor of its type.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct elf;

// The address in the file's own terms, and where the type's descriptor is: an offset from
// the symbol runtime.types.
struct go_variable {
	uint64_t address, type;
};

// By ascending address; a block that it owns. Zero-initialised is empty.
struct go_variables {
	struct go_variable *items;
	size_t count, capacity;
};

// A file without DWARF, or with types that the linker left out, has fewer or none.
void go_variables_read(struct elf *elf, struct go_variables *out);
void go_variables_deinit(struct go_variables *variables);

// The type of the variable at that address, 0 where none is known.
uint64_t go_variables_find(const struct go_variables *variables, uint64_t address);
