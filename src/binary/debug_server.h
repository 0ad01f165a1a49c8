// Whoever fetches program files and debug information by build id, as debuginfod does.
// A seam: this folder asks, source/ knows how.
#pragma once

#include "base/str.h"

struct arena;

enum debug_server_kind {
	DEBUG_SERVER_DEBUGINFO,
	DEBUG_SERVER_EXECUTABLE,
};

// `find` gives the path of a local copy, "" where there is none, with the reason for
// people. Both live in the arena. build_id is lower-case hexadecimal.
struct debug_server {
	struct str (*find)(struct debug_server *server, enum debug_server_kind kind,
			   struct str build_id, struct arena *arena, struct str *reason);
};
