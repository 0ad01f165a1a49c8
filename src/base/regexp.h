// Regular expressions as pprof's users write them (RE2 syntax), on PCRE2 with its match
// limits set: a pattern can fail to compile, but no match can run away.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct regexp;

// Unanchored, case-sensitive. NULL in out never happens on success.
bool regexp_create(struct str pattern, struct regexp **out, struct error *err)
	__attribute__((warn_unused_result));
void regexp_destroy(struct regexp *regexp);

// Whether the pattern occurs in s. A match that exceeds its limits counts as none.
bool regexp_matches(const struct regexp *regexp, struct str s);

// Where it occurs first, and where group `group` (0: all of it) stands; false when
// nowhere.
bool regexp_find(const struct regexp *regexp, struct str s, unsigned group,
		 struct str *found);
