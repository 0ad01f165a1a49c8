// Function names cut to what tells them apart in a picture.
#pragma once

#include "base/str.h"

struct arena;

// Without C++ namespaces, Java packages and the folders and module versions of Go
// packages. In the arena, or a part of the name.
struct str short_name(struct arena *arena, struct str name);
