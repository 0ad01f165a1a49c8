// Reads the sources and bases of a request, from files and servers at once.
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "source/remote_symbols.h"

struct error;
struct profile;
struct report_request;

// Zero-initialised is empty. The profiles are the caller's, who may take them.
struct loaded {
	struct profile *profile; // the sources merged
	struct profile *base;    // the bases merged, NULL: none were given
	const char *binary;      // the program named before the profiles, NULL: none
	bool has_remote;         // something came from a server
	struct remote_sources remote;
	struct arena arena;
};

// Says on stderr what is fetched. Sources that fail are named there and left out while
// others remain.
bool load_sources(const struct report_request *request, struct loaded *out,
		  struct error *err) __attribute__((warn_unused_result));
void loaded_deinit(struct loaded *loaded);
