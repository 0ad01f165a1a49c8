// Build ids as text, and the paths that are made of them.
#pragma once

#include "base/str.h"

struct arena;

// Raw bytes as lower-case hexadecimal.
struct str build_id_text(struct arena *arena, struct str raw);

// "ab/cdef...": how folders of debug files spread build ids; "" for fewer than 2 bytes.
struct str build_id_path(struct arena *arena, struct str text);
