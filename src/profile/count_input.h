// Go's profiles that only count, as /debug/pprof/goroutine?debug=1 writes them.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool count_input_is_likely(struct str bytes);
bool count_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
