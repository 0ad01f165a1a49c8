// Chooses samples and frames by their names: -focus, -ignore, -hide, -show, -show_from.
#pragma once

#include <stdbool.h>

struct profile;
struct regexp;

// A location matches by function name, file name or mapping. NULL is unset.
struct filter_names {
	const struct regexp *focus;  // keep samples with such a location ...
	const struct regexp *ignore; // ... and without such a one
	const struct regexp *hide;   // remove such frames
	const struct regexp *show;   // remove all others
};

// What matched anything at all.
struct filter_matched {
	bool focus, ignore, hide, show;
};

struct filter_matched filter_by_name(struct profile *profile,
				     const struct filter_names *names);

// Cuts callers above the outermost match; samples without one are dropped. Whether
// anything matched.
bool filter_show_from(struct profile *profile, const struct regexp *show_from);
