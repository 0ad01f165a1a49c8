// Folded stacks: "root;child;leaf 123", one line a distinct stack, as flame graph scripts
// read them.
#pragma once

#include <stdbool.h>

struct error;
struct profile;
struct report_options;
struct writer;

// Lines are ordered by the names on the way from the root. ';' and control characters
// within a name become ':' and ' '. Values are in the profile's own unit.
bool folded_render(const struct profile *profile, const struct report_options *options,
		   struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
