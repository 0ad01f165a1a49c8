// Callgrind's own format, as valgrind, pprof and goprof write it.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

bool callgrind_input_is_likely(struct str bytes);
bool callgrind_input_decode(struct str bytes, struct profile **out, struct error *err);
