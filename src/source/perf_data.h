// A profile from perf.data, the file of `perf record`: stacks by frame pointers as the
// kernel found them, or unwound here from copies (--call-graph dwarf).
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

// The profile has samples/count and one column for each event that has samples: its name
// and "nanoseconds" for cpu-clock and task-clock, else "count"; the values are the
// periods of the samples. Threads and processes are labels as in a live recording. Names
// are left to the reader of the profile. What is missing of a damaged file, and how far
// stacks can be trusted, is in the comments.
bool perf_data_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
