// Many sources read as one step: files one after another, servers all at once.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "source/url.h"

struct arena;
struct fetch_options;
struct fetch_watch;
struct profile;

struct gathered {
	const char *word; // as the user wrote it
	bool is_remote;
	struct url url; // of a remote one

	struct profile *profile; // the caller's; NULL: err says why
	struct error err;
};

// Decides for each word whether it is a file or a URL: what exists is a file.
void gather_plan(struct gathered *items, size_t count, const struct url_wish *wish,
		 struct arena *arena);

// Reads all of them. watch may be NULL.
void gather_read(struct gathered *items, size_t count,
		 const struct fetch_options *options, struct fetch_watch *watch);
