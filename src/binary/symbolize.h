// Gives a profile's locations their functions and lines, once per distinct address.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "binary/demangle.h"
#include "binary/module.h"

struct profile;

// What is known of a mapping by whoever recorded it.
struct symbolize_mapping {
	struct module *module; // borrowed; NULL: look for the file, unless there is
	struct str problem;    // why it cannot be had, "" none
	uint32_t pid;          // whose perf map to use, 0: that of the options
};

struct symbolize_options {
	struct module_options modules;
	enum demangle_style style;
	bool force;           // also where the profile says it has names already
	bool no_kernel;       // leave [kernel.kallsyms] alone
	uint32_t pid;         // whose perf map and vDSO to use, 0: none
	const char *kallsyms; // path, NULL: /proc/kallsyms
	const struct symbolize_mapping *mappings; // by row of the profile's, or NULL
	size_t mapping_count;                     // rows behind it: nothing is known
	struct str binary; // replaces the file of the first mapping, "" none
};

// One line per mapping of what was found and why not; owned by the arena given.
struct symbolize_finding {
	struct str file, build_id, text;
	uint64_t addresses, unnamed; // distinct ones of the profile in this mapping
};

struct symbolize_result {
	struct symbolize_finding *findings;
	size_t finding_count;
};

// Never fails: what has no name keeps its address, and the result says why.
struct symbolize_result symbolize_profile(struct profile *profile,
					  const struct symbolize_options *options,
					  struct arena *arena);
