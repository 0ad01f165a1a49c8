// Cuts parameters and template arguments from names that are readable already.
#pragma once

#include "base/str.h"
#include "binary/demangle.h"

struct arena;

// A C++ name as libiberty prints it: "a::b<int>(char)::{lambda()#1}::operator()" becomes
// "a::b()::{lambda()#1}::operator()" in the short style.
struct str demangle_shorten_cpp(struct arena *arena, struct str name,
				enum demangle_style style);

// A Rust name of the newer scheme: "a::b::<u8>" becomes "a::b::<>" in the short style, as
// pprof has it.
struct str demangle_shorten_rust(struct arena *arena, struct str name,
				 enum demangle_style style);

// A symbol that is not mangled: if it looks like C++ all the same, balanced "(...)" and
// "<...>" go, by the rules of pprof. Go and Java names stay.
struct str demangle_shorten_plain(struct arena *arena, struct str name,
				  enum demangle_style style);

// Same for a name from DWARF, which has no parameters to cut: "operator()<int>" becomes
// "operator()", where the rules of pprof would leave "operator".
struct str demangle_shorten_recorded(struct arena *arena, struct str name,
				     enum demangle_style style);
