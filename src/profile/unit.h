// Units of measure as pprof knows them: bytes, time and Google compute units.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

enum unit_family {
	UNIT_OTHER, // counts and whatever else has no conversion
	UNIT_BYTES,
	UNIT_TIME,
	UNIT_GCU,
};

// A value and the unit it is told in. The unit lives as long as both arguments of the
// call that made it (or forever, for a known unit); it is "" where none need be shown.
struct unit_value {
	double value;
	struct str unit;
};

// The family a unit's name belongs to: any case, singular or plural, short or long
// ("ns", "Nanoseconds", "kB", "kilobyte").
enum unit_family unit_family_of(struct str unit);

// `value` told in another unit. With "auto" or "minimum" for `to` the largest unit that
// leaves at least 1 is chosen. A `to` outside the family of `from` gives the family's
// default (B, s, GCU); a `from` of no family leaves the value as it is, in `to`.
struct unit_value unit_scale(int64_t value, struct str from, struct str to);

// The same as people read it, with two decimals at most: "1.50MB"; "0" alone for what
// rounds to nothing.
struct str unit_label(struct arena *arena, int64_t value, struct str from, struct str to);

// What one `from` is in `to`: unit_scale(1, from, to).value.
double unit_ratio(struct str from, struct str to);

// Whether values of both units can be told in one: equal names, or one family.
bool unit_is_compatible(struct str a, struct str b);
