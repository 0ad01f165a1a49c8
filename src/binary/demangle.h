// C++ (Itanium) and Rust names for people.
#pragma once

#include "base/str.h"

struct arena;

// As pprof's -symbolize=demangle= words them.
enum demangle_style {
	DEMANGLE_SHORT,     // no parameters, no template arguments: pprof's default
	DEMANGLE_TEMPLATES, // with template arguments
	DEMANGLE_FULL,      // everything
	DEMANGLE_NONE,      // the symbol itself
};

// The readable form in the arena, or the symbol itself where it is not mangled.
struct str demangle(struct arena *arena, struct str symbol, enum demangle_style style);

// Same for a name that DWARF records: mangled, or a C++ function's own name with its
// template arguments ("operator()<int>").
struct str demangle_recorded(struct arena *arena, struct str name,
			     enum demangle_style style);
