// From the sources of a request to one profile with names.
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "binary/symbolize.h"

struct error;
struct profile;
struct report_request;

// Reads and merges the sources, subtracts the base, gives names to addresses and drops
// the frames that the profile itself calls uninteresting. Sources that fail are named on
// stderr and left out while others remain.
bool pprof_load(const struct report_request *request, struct profile **out,
		struct error *err) __attribute__((warn_unused_result));

// Subtracts the bases that the request names, if any, from a profile that was taken just
// now. Takes ownership of *profile; on failure it is NULL.
bool pprof_load_subtract(const struct report_request *request, struct profile **profile,
			 struct error *err) __attribute__((warn_unused_result));

// What was found of program files on the way. Zero-initialised before; the arena is the
// caller's to release.
struct pprof_findings {
	struct arena arena;
	struct symbolize_result symbols;
};

// pprof_load, and what it found.
bool pprof_load_with_findings(const struct report_request *request, struct profile **out,
			      struct pprof_findings *findings, struct error *err)
	__attribute__((warn_unused_result));
