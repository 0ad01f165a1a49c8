// Heap profiles as text: Go's debug=1, gperftools' and jemalloc's.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool heap_input_is_likely(struct str bytes);
bool heap_input_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));
