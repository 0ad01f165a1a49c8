// Which value column of a profile a report shows.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct error;
struct profile;

// The column that a sample_index names: an index, a type's name (with or without a
// leading "inuse_"), or "" for the profile's default type, else the last.
bool value_column(const struct profile *profile, struct str sample_index, size_t *out,
		  struct error *err) __attribute__((warn_unused_result));
