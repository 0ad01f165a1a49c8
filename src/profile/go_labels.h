// Labels as Go prints them: {"key":"value", "key":"value"}.
#pragma once

#include "base/str.h"
#include "profile/profile.h"

// How many labels of one list are kept.
enum { GO_LABELS_LIMIT = 256 };

// Reads at most GO_LABELS_LIMIT labels from the text, as strings of the profile, and
// returns how many; what follows something malformed is ignored.
size_t go_labels_read(struct profile *profile, struct str text,
		      struct profile_label labels[GO_LABELS_LIMIT]);
