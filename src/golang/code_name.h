// What a Go function's name tells: its part in the runtime, how tracebacks print it and
// whether they do. Source: src/runtime/traceback.go of Go 1.19 to 1.27.
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "golang/code.h"
#include "golang/version.h"

struct arena;

enum go_role code_name_role(struct str name);

// With type arguments as "[...]", runtime.gopanic as "panic".
struct str code_name_shown(struct str name, struct go_version version,
			   struct arena *arena);

// Whether the name is not internal to the runtime.
bool code_name_is_shown(struct str name, struct go_version version);
