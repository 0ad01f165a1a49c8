// The profiles of the recorder: one row for each, in a file of its own.
//
// To add one: a file with a function that sets its rate (see heap.h), its row in kinds.c,
// a key in settings.c, and what its numbers mean in profile/recording_kinds.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct settings;

// A row. set_rate starts the profile, changes its rate, or stops it with 0; what a rate
// means is its affair. rate_of is what the environment asks for, 0: nothing. reset_child
// starts again in a forked child, where every other thread is gone and `recording` is new
// and empty; NULL: nothing to do.
struct kind {
	const char *name; // as in recording_kinds.h
	bool (*set_rate)(uint64_t rate);
	uint64_t (*rate_of)(const struct settings *settings);
	void (*reset_child)(void);
};

extern const struct kind kinds[] __attribute__((visibility("hidden")));
extern const size_t kind_count __attribute__((visibility("hidden")));

// NULL where there is none of that name.
const struct kind *kinds_find(struct str name);
