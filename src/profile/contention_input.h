// Waiting for locks as text: Go's block and mutex debug=1, C++ contentionz.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool contention_input_is_likely(struct str bytes);
bool contention_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
