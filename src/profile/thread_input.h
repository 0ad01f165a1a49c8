// Stacks of all threads as text: threadz.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool thread_input_is_likely(struct str bytes);
bool thread_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
