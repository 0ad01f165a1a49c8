// Heap and contention profiles as text, as Java agents write them.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool java_input_is_likely(struct str bytes);
bool java_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
