// Small profiles written and read as text, for tests.
#pragma once

#include "base/str.h"

struct arena;
struct profile;

// One sample a line: "main;a>b;c 5 key=value size:64". Frames from the root, each its own
// location; "a>b" is one location where b is inlined into a. Then the value of the one
// column cpu/nanoseconds, string labels and numeric ones.
struct profile *sketch_make(const char *text);

// The samples of a profile in the same form, zeros and all.
struct str sketch_text(const struct profile *profile, struct arena *arena);
