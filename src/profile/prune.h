// Cuts frames that lie beneath those of given names.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;
struct regexp;

// The name without a leading '.' and without an argument list; "(anonymous namespace)"
// and "operator()" stay.
struct str prune_simplified_name(struct str name);

// Removes what was called by the first match from the leaf; the match stays.
void prune_from(struct profile *profile, const struct regexp *regexp);

// Removes the outermost match of `drop` that does not match `keep` (NULL: nothing), and
// what it called; frames before the first that matches nothing are left alone.
void prune_matching(struct profile *profile, const struct regexp *drop,
		    const struct regexp *keep);

// prune_matching by the drop_frames and keep_frames that the profile names itself, each
// for whole names.
bool prune_uninteresting(struct profile *profile, struct error *err)
	__attribute__((warn_unused_result));
