// Demangled names, made once per distinct symbol.
#pragma once

#include "base/arena.h"
#include "base/map.h"
#include "binary/demangle.h"

// Zero-initialised is empty and valid, in the short style. Symbols are borrowed and must
// outlive the cache; names live as long as it does.
struct demangle_cache {
	enum demangle_style style;
	struct arena arena;
	struct interner symbols;
	struct str *names; // by symbol id
	size_t capacity;
};

void demangle_cache_deinit(struct demangle_cache *cache);
struct str demangle_cache_name(struct demangle_cache *cache, struct str symbol);

// The same for names from DWARF; see demangle_recorded.
struct str demangle_cache_recorded(struct demangle_cache *cache, struct str name);
