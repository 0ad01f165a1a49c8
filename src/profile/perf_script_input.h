// What `perf script` prints of a recording.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool perf_script_input_is_likely(struct str bytes);
bool perf_script_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
