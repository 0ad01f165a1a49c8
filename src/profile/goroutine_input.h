// Go's dumps of goroutines: /debug/pprof/goroutine?debug=2, and what a crash prints.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool goroutine_input_is_likely(struct str bytes);
bool goroutine_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
