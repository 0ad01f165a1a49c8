// Program files and debug information from debuginfod servers, kept as debuginfod's own
// client keeps them. https://sourceware.org/elfutils/Debuginfod.html
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "binary/debug_server.h"

// Off unless DEBUGINFOD_URLS names servers. What no server has is remembered for ten
// minutes, as an empty file; a server that cannot be reached within two seconds is not
// asked again.
struct debuginfod {
	struct debug_server server; // first: the callback casts back
	struct arena arena;
	struct str folder; // of the cache
	struct str *urls;
	bool *is_dead; // of each URL
	size_t url_count;
};

// Reads the environment. Asks nobody yet.
void debuginfod_init(struct debuginfod *client);
void debuginfod_deinit(struct debuginfod *client);

// For module_options; NULL where no server is named.
struct debug_server *debuginfod_server(struct debuginfod *client);
