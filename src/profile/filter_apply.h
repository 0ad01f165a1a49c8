// All the expressions of one report that choose samples, frames and labels.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;

// The expressions of one report; "" is unset. Borrowed for the call.
struct filter_options {
	struct str focus, ignore, hide, show, show_from, prune_from;
	struct str tag_focus, tag_ignore, tag_show, tag_hide;
};

// Takes sentences for people about expressions that matched nothing.
struct filter_listener {
	void (*warn)(void *context, struct str sentence);
	void *context;
};

// Applies all of them to the profile, in pprof's order: names, show_from, tags, the
// visibility of tags, prune_from. On failure nothing has changed.
bool filter_apply(struct profile *profile, const struct filter_options *options,
		  const struct filter_listener *listener, struct error *err)
	__attribute__((warn_unused_result));
