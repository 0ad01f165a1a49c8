// The files of the pages: embedded, or read from disk while they are being written.
#pragma once

#include "base/str.h"

struct arena;

// `folder` is the source tree's src/, NULL for the embedded files. From disk they are
// read anew each time; a file that is missing there is the embedded one.
struct str assets_page(struct arena *arena, const char *folder);
struct str assets_style(struct arena *arena, const char *folder);
struct str assets_script(struct arena *arena, const char *folder);
