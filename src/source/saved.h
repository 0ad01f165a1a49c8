// Keeps what was fetched, where and under the names that pprof uses.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct error;
struct profile;

// Writes the profile to a new file DIR/pprof.PROGRAM.TYPE...NNN.pb.gz, where DIR is
// $PPROF_TMPDIR, else $HOME/pprof, else the system's folder for temporary files: the
// first that is there or can be made. No file is ever overwritten.
bool saved_write(const struct profile *profile, struct arena *arena, struct str *path,
		 struct error *err) __attribute__((warn_unused_result));
