// Ranges of values with units, as -tagfocus takes them: "1kb:64kb".
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// Values are compared in `unit` ("": only values of no known unit).
struct label_range {
	double from, to;
	struct str unit;
};

// N[UNIT], N[UNIT]:, :N[UNIT] or N[UNIT]:N[UNIT], both ends included. False when the text
// is nothing of that, or its ends have units of different families.
bool label_range_parse(struct str text, struct label_range *out);

bool label_range_contains(const struct label_range *range, int64_t value,
			  struct str unit);
