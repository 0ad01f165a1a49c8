// Addresses to functions, inlined calls and lines, from DWARF: only the compilation units
// that a profile hits are read, in parallel, and kept in a cache file from then on.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct elf;
struct symbol_index;

struct symbol_index_options {
	struct elf *elf;        // has the debug sections
	struct elf *alt;        // the file its .gnu_debugaltlink names, or NULL
	struct str build_id;    // raw; without one there is no cache
	const char *cache_path; // of the cache file, see index_cache.h; NULL: none
	unsigned threads;       // 0: one per processor, eight at most
};

// Borrows the files, which must outlive the index. NULL where there is neither DWARF nor
// a cache.
struct symbol_index *symbol_index_open(const struct symbol_index_options *options);

// Writes what is new to the cache file, silently nothing where that fails, and frees.
void symbol_index_close(struct symbol_index *index);

// Reads the units that cover these addresses, which are sorted ascending. Addresses are
// the file's own.
void symbol_index_prepare(struct symbol_index *index, const uint64_t *addresses,
			  size_t count);

// One function at one place; strings live as long as the index.
struct symbol_index_frame {
	struct str name;     // the linkage name, or the plain one; "" unknown
	struct str file;     // full path as recorded by the compiler, "" unknown
	uint32_t line;       // 0 unknown
	uint32_t column;     // 0 unknown
	uint32_t start_line; // where the function is declared, 0 unknown
};

// Where the index knows an address: small, so that many can be found in ascending order,
// in which neighbours share what was read last, and asked for their frames in any.
struct symbol_index_place {
	uint32_t unit, row, scope; // all of them UINT32_MAX: nowhere
};

// The place of an address that was prepared.
struct symbol_index_place symbol_index_find(const struct symbol_index *index,
					    uint64_t address);

// The frames at a place, innermost inlined first, at most max; returns how many. A single
// frame without a name says that only its line is known.
size_t symbol_index_frames(const struct symbol_index *index,
			   struct symbol_index_place place,
			   struct symbol_index_frame *frames, size_t max);

// For people: how many units the file has, and how many of them have been read, here or
// by an earlier run.
struct symbol_index_counts {
	size_t units, units_read, units_from_cache;
};

struct symbol_index_counts symbol_index_counts(const struct symbol_index *index);
