// The runtime's own names of what struct go_layout holds: data, written by
// scripts/go_layouts.py from the comments in layout.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// A member of struct go_layout, an int32_t. Names that releases changed are separated by
// " | "; "sizeof f" is the size of f, "SIZE" that of the whole.
struct go_layout_field {
	uint16_t member;
	struct str paths;
};

// A structure of the runtime, "runtime.g", or a variable, "var runtime.sched"; likewise.
struct go_layout_group {
	struct str types;
	uint16_t first, count; // of the fields
};

extern const struct go_layout_field go_layout_fields[];
extern const struct go_layout_group go_layout_groups[];
extern const size_t go_layout_group_count;
