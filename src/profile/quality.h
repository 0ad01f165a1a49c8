// The quality of a recording in words, kept as a comment of the profile.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct profile;
struct arena;

// One sentence, the same in every report and readable by profile_quality_parse:
// "goprof: 1234 samples at 100 Hz, 0 lost, 3 stacks truncated, 20 of 12360 ms CPU time
// without samples, 17 of 40211 frames without names". profile->quality must be known.
struct str profile_quality_text(const struct profile *profile, struct arena *arena);

// Fills profile->quality from the comments of a decoded profile, where one says it.
void profile_quality_parse(struct profile *profile);

// Counts profile->quality.frames and .unnamed. A sample row counts as often as its first
// value says, where that is a count, else once.
void profile_quality_count_frames(struct profile *profile);
