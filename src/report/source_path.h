// Names of source files as reports show them.
#pragma once

#include "base/str.h"

struct arena;

// Without the prefixes that a build machine left: those of trim_path (separated by ':'),
// or up to the base name of a folder of source_path; and /proc/self/cwd/.
struct str source_path_trim(struct str path, struct str trim_path,
			    struct str source_path);

// Without ".", "..", doubled and trailing slashes; "." for an empty path.
struct str source_path_clean(struct arena *arena, struct str path);
