// The lines above a report: what was measured, and what is shown of it.
#pragma once

#include <stddef.h>

#include "base/str.h"

struct arena;
struct report;
struct writer;

struct header {
	struct str *lines;
	size_t count;
};

// What was measured: file, build id, comments, type, time, duration.
struct header header_profile(const struct report *report, struct arena *arena);

// The same, unless -compact_labels, and what the nodes shown account for. For pictures
// nothing is left out and a hint how to read them is added.
struct header header_report(const struct report *report, struct arena *arena);

// header_report, a line each.
void header_print(const struct report *report, struct writer *w);
