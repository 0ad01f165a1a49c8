// The pool of names of a symbol index: NUL-terminated strings by 32-bit offset.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"

struct dwarf_path;

// Offset 0 is the empty string. Zero-initialised is valid before the first add. A pool
// that would exceed 4 GiB yields empty names from then on.
struct symbol_strings {
	char *bytes;
	size_t used, capacity;
	struct map by_place; // of strings by where they stand in memory
	struct map by_hash;  // of paths by their parts' places and by their text
};

void symbol_strings_deinit(struct symbol_strings *strings);

// The offset of a text. Equality is told by address: it must stay where it is.
uint32_t symbol_strings_add(struct symbol_strings *strings, const char *text);

// The offset of the whole path, joined from its parts.
uint32_t symbol_strings_add_path(struct symbol_strings *strings,
				 const struct dwarf_path *path);
