// Where the fields of named structures lie, as the DWARF of a program states it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "binary/dwarf.h"
#include "binary/dwarf_abbrev.h"

struct elf;

// Borrows the file. Zero-initialised is a program without DWARF.
struct dwarf_types {
	struct dwarf dwarf;
	struct dwarf_abbrev_cache abbrevs;
};

void dwarf_types_open(struct dwarf_types *types, struct elf *elf);
void dwarf_types_close(struct dwarf_types *types);

// A structure, or a global variable of whatever type, that is looked for by name.
struct dwarf_wanted {
	struct str name;
	bool is_variable;
	uint64_t entry; // of the structure, or of the variable's type: DWARF_NONE not
			// found
};

// Finds the first of each name, in one walk.
void dwarf_types_find(struct dwarf_types *types, struct dwarf_wanted *wanted,
		      size_t count);

// In bytes, from the start of the structure.
struct dwarf_field {
	uint64_t offset, size;
};

// A field of the type, or of one inside of it: "timers.heap.len"; "" is the type itself.
// False where there is none.
bool dwarf_types_field(struct dwarf_types *types, uint64_t entry, struct str path,
		       struct dwarf_field *out);
