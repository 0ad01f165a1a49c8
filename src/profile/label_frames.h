// Labels as frames: -tagroot and -tagleaf.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct profile;

// Keys by comma; "" is none. Numeric values are told in `unit`.
struct label_frames_options {
	struct str root, leaf, unit;
};

// Whether any sample has one of the labels.
struct label_frames_matched {
	bool root, leaf;
};

// Adds to each sample, for each key, a frame named by the values of its labels with that
// key (by comma; "" without any), in a file named as the key. The first root key becomes
// the outermost frame, the last leaf key the innermost.
struct label_frames_matched label_frames_add(struct profile *profile,
					     const struct label_frames_options *options);
