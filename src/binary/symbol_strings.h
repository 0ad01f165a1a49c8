// The pool of names of a symbol index: strings by 32-bit offset. Before each text stands
// its length, so that a lookup need not search for its end:
//
//   uint32_t length      unaligned, host byte order
//   char text[length]    the offset is this place
//   char nul
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"

struct dwarf_path;

enum {
	SYMBOL_STRINGS_PREFIX = sizeof(uint32_t),
};

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

// The text at an offset in a pool of that size, which may be damaged: "" where there is
// none.
struct str symbol_strings_text(const char *pool, size_t size, uint32_t offset);

// The offset of the whole path, joined from its parts.
uint32_t symbol_strings_add_path(struct symbol_strings *strings,
				 const struct dwarf_path *path);
