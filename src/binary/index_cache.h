// The file that keeps a symbol index from run to run: the flat blocks as they are in
// memory, found by build id.
//
//   struct index_cache_head
//   struct symbol_range ranges[range_count]
//   uint64_t units[unit_count]      offset of each unit's block, 0 where not read yet
//   blocks                          struct symbol_unit each, aligned to 8 bytes
//   char strings[string_size]       ends in a NUL byte
//
// A file that does not hold together is refused; one whose blocks lie yields wrong names,
// never a wrong access. Files live in $XDG_CACHE_HOME/goprof or ~/.cache/goprof; the
// folder is kept below INDEX_CACHE_FOLDER_LIMIT by removing what was not used for
// longest.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "base/str.h"

struct arena;
struct symbol_unit;

#define INDEX_CACHE_FOLDER_LIMIT ((uint64_t)1 << 30)

// Which unit an address is in. Ranges are sorted by low; `reach` is the highest high of
// all up to this one, so that a search backwards knows where to stop.
struct symbol_range {
	uint64_t low, high, reach;
	uint32_t unit, padding;
};

// What the file holds; the arrays are borrowed from the view.
struct index_cache {
	struct file_view view;
	const struct symbol_range *ranges;
	size_t range_count;
	const uint64_t *units;
	size_t unit_count;
	const char *strings;
	size_t string_size;
};

// The path of the cache file of a build id (raw bytes), NULL where there is no folder for
// it. An empty `folder` means the user's.
const char *index_cache_path(struct arena *arena, struct str folder, struct str build_id);

// Maps and checks the file. False, with an empty cache, when there is none or it is
// refused.
bool index_cache_open(struct index_cache *cache, const char *path, struct str build_id);
void index_cache_close(struct index_cache *cache);

// The block of a unit, or NULL.
struct symbol_unit *index_cache_unit(const struct index_cache *cache, size_t unit);

// What to write. Blocks of NULL are units not read; strings are two parts, the second
// behind the first.
struct index_cache_contents {
	const struct symbol_range *ranges;
	size_t range_count;
	struct symbol_unit *const *units;
	size_t unit_count;
	struct str strings[2];
};

// Replaces the file in one step and keeps the folder within its limit.
bool index_cache_write(const char *path, struct str build_id,
		       const struct index_cache_contents *contents);
