// Makes the value columns of several profiles the same.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct error;
struct profile;

// Drops and reorders columns so that all profiles have those that all of them had, in the
// order of the first, then scales columns and periods to the finest of their units.
bool merge_types_align(struct profile **profiles, size_t count, struct error *err)
	__attribute__((warn_unused_result));

// Whether period and value types have the same names and units.
bool merge_types_check(const struct profile *a, const struct profile *b,
		       struct error *err) __attribute__((warn_unused_result));
