// Several profiles into one, and the difference of two.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct error;
struct profile;

// Takes ownership of all sources (at least one), on failure too. Only the value columns
// that all of them have are kept, in the order of the first and in the finest unit used;
// equal mappings (wherever they were loaded), functions, locations and samples become
// one, samples of nothing but zeros are dropped, and ids are given anew. A single source
// is returned as it is.
bool merge_take(struct profile **sources, size_t count, struct profile **out,
		struct error *err) __attribute__((warn_unused_result));

struct merge_base_options {
	bool is_diff;   // label what comes from the base pprof::base=true
	bool normalize; // scale the profile to the sum of the base first
};

// Subtracts the base from *profile. Takes ownership of both; on failure *profile is NULL.
bool merge_base_take(struct profile **profile, struct profile *base,
		     const struct merge_base_options *options, struct error *err)
	__attribute__((warn_unused_result));
