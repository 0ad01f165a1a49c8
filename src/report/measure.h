// Values as people read them: "1.50MB", "10ms", "12.50%".
#pragma once

#include <stdint.h>

#include "base/str.h"

struct arena;

// The value in the unit `to` ("minimum" and "auto" choose one), with two decimals at
// most: "1.50MB"; "0" alone for what rounds to nothing.
struct str measure_label(struct arena *arena, int64_t value, struct str from,
			 struct str to);

// Six columns or more: " 0.94%", "12.50%", "  100%".
struct measure_percent {
	char text[24];
};

struct measure_percent measure_percentage(int64_t value, int64_t total);

// Without the blanks in front.
const char *measure_trim(const struct measure_percent *percent);
