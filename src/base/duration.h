// Times as people write them: "90s", "1h30m", "250ms".
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// Nanoseconds. False for anything else: no unit, no number, nothing at all.
bool duration_parse(struct str text, int64_t *out_ns);
