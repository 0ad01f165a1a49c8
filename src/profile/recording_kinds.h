// What each profile of a recording is called, and what its numbers mean: one row for each
// name that can be asked for.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "profile/recording.h"

enum { RECORDING_VALUES_MAX = 4 };

struct recording_value_type {
	const char *type, *unit;
};

// A row of the table. values turns the events of a bucket into one value for each type.
struct recording_profile {
	const char *name; // as in /debug/pprof/
	enum recording_kind kind;
	struct recording_value_type types[RECORDING_VALUES_MAX];
	unsigned type_count;
	struct recording_value_type period_type;
	const char *default_type;
	// The bucket's size as a label, unless it is 0; type NULL: none. Heap profiles
	// have "bytes", as Go's.
	struct recording_value_type size_label;
	bool is_frequency; // the period of the kind counts events a second
	void (*values)(const struct recording_bucket *bucket, uint64_t period,
		       int64_t *values);
};

// NULL where there is none of that name.
const struct recording_profile *recording_find_profile(struct str name);

// The row of the profiles that a program names itself.
const struct recording_profile *recording_custom_profile(void);
