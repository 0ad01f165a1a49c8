// Profiles that the program keeps itself: values that are there, by where they came from.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct goprof_profile;
struct unwind_registers;

// The profile of a name, made when new; NULL for lack of memory.
struct goprof_profile *custom_find(struct str name);

bool custom_add(struct goprof_profile *profile, const void *value,
		const struct unwind_registers *caller);
void custom_remove(struct goprof_profile *profile, const void *value);
