// Finds the file behind a mapping of a profile: this machine's, a container's, a deleted
// one's, or a copy below PPROF_BINARY_PATH.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct module;
struct module_options;

struct program_file_query {
	struct str file, build_id; // as the profile has them; either may be ""
	uint64_t start, limit;     // where it is mapped
	uint32_t pid;              // the live process that maps it, 0: none
};

// Opens the first candidate whose build id does not disagree. False with the reason, for
// people, in the arena.
bool program_file_open(const struct program_file_query *query,
		       const struct module_options *options, struct arena *arena,
		       struct module **out, struct str *reason)
	__attribute__((warn_unused_result));
