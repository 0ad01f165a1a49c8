// The program files of a profile: how many addresses have names, what was found, and why
// not more.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct profile;
struct symbolize_result;

// One file, however many mappings show it. Distinct addresses count.
struct module_row {
	struct str file, build_id; // "" unknown
	struct str text;           // one sentence without full stop
	uint64_t addresses, unnamed;
};

struct module_table {
	struct module_row *rows; // in the order of the profile's mappings
	size_t count;
	uint64_t addresses, unnamed; // of all rows
};

// Of a profile that symbolize_profile has seen; what it said is repeated. Everything
// lives in the arena.
struct module_table module_table_make(const struct profile *profile,
				      const struct symbolize_result *result,
				      struct arena *arena);
