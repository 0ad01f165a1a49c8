// Debug information that was split off into a file of its own, as distributions ship it.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct elf;
struct debug_server;

struct debug_file {
	struct elf *elf; // NULL: none was found; the caller closes it
	struct str path;
	struct str hint; // why not, for people; "" when there is nothing to say
};

// Looks for the split debug file of `elf`, which the target sees at `path`: by build id
// below /usr/lib/debug/.build-id and in debuginfod's cache, then by .gnu_debuglink (its
// checksum must agree), then from the server, unless it is NULL. All paths are below
// `root`; the host's own files are taken when their build id agrees. Strings live in the
// arena.
struct debug_file debug_file_find(struct elf *elf, struct str path, struct str root,
				  struct debug_server *server, struct arena *arena);

// The supplementary file that .gnu_debugaltlink of `elf` names (dwz's common part).
struct debug_file debug_file_find_alt(struct elf *elf, struct str path, struct str root,
				      struct debug_server *server, struct arena *arena);
