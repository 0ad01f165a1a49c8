// From the sources of a request to one profile with names.
#pragma once

#include <stdbool.h>

struct error;
struct profile;
struct report_request;

// Reads and merges the sources, subtracts the base, gives names to addresses and drops
// the frames that the profile itself calls uninteresting. Sources that fail are named on
// stderr and left out while others remain.
bool pprof_load(const struct report_request *request, struct profile **out,
		struct error *err) __attribute__((warn_unused_result));
