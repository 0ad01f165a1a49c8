// What became of each row since the base of a comparison (-diff_base), and which changes
// chance alone explains.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct report;

enum change_kind {
	CHANGE_NEW,  // the base has nothing of it
	CHANGE_GONE, // only the base has it
	CHANGE_BOTH,
};

// Values in the unit of the report, counted as cum counts: once a sample.
struct change {
	int64_t before, after;
	uint64_t samples_before, samples_after;
	enum change_kind kind;
	// Its samples differ by less than CHANGE_SIGMAS standard deviations of what two
	// recordings of the same program differ by: sqrt(samples_before + samples_after),
	// counts of independent samples being Poisson distributed. Never true where the
	// profile does not count its samples one by one.
	bool is_noise;
};

enum { CHANGE_SIGMAS = 2 };

// Fills report->changes, one for each row, in the report's arena, if the profile is a
// comparison of that kind and its rows are merged nodes; otherwise leaves NULL.
void change_find(struct report *report);

// One sentence on what is new, what is gone and what is noise, or "" where there is
// nothing to say; in the report's arena.
struct str change_sentence(struct report *report);
