// Sums what belongs to one finding, and by whom it was caused.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

// What one function (a row, or PROFILE_NONE for the start of a stack) causes.
struct hint_caller {
	uint32_t function;
	int64_t value;
	uint32_t stack;       // the row of the heaviest sample
	uint32_t matched;     // on that stack: the function that belongs to the finding,
	size_t caller_at, at; // and where caller and function stand, from the root
	int64_t heaviest;
};

// Zero-initialised is empty. Owns its tables.
struct hint_tally {
	int64_t value;
	int64_t objects; // a second column summed beside it, where there is one
	double events;   // samples taken that stand behind value; 0: unknown
	double squares;  // sum of value * value / events
	struct hint_caller *callers;
	size_t caller_count, caller_capacity;
	struct map rows;
};

void hint_tally_deinit(struct hint_tally *tally);

// What a sample adds; events may be 0 where nothing is known.
struct hint_amount {
	int64_t value, objects;
	double events;
};

void hint_tally_add(struct hint_tally *tally, struct hint_amount amount);

// Adds the amount's value to the caller (stack, matched, caller_at and at are the
// sample's; value and heaviest are ignored).
void hint_tally_blame(struct hint_tally *tally, const struct hint_caller *caller,
		      struct hint_amount amount);

// Orders callers by value, the largest first.
void hint_tally_sort(struct hint_tally *tally);

// The range in which the true share lies with 95% probability, seen from `events`
// independent samples (Wilson's score interval).
struct hint_interval {
	double low, high;
};

struct hint_interval hint_interval_of(double share, double events);

// How many equal samples would tell as much as these of unequal weight do.
double hint_tally_effective(const struct hint_tally *all);
