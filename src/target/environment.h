// The environment that a process was started with.
#pragma once

#include "base/str.h"

struct arena;
struct core_memory;

// The value of a variable, "" where it is not set or may not be seen. What the process
// has changed since does not show.
struct str environment_of(int pid, struct str name, struct arena *arena);

// The same of the process that a core file is of.
struct str environment_of_core(struct core_memory *core, struct str name,
			       struct arena *arena);
