// CPU profiles in words of 32 or 64 bits, as gperftools and its Java kin write them.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool cpu_input_is_likely(struct str bytes);
bool cpu_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
