// Folded stacks in: "main;parse;read 42", the outermost frame first, one stack a line.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool folded_input_is_likely(struct str bytes);
bool folded_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
