// The file that a command's allocation trace is written to by libgoprof.
#pragma once

#include <stdbool.h>

struct error;

// Sees to it that nothing of that name is there: libgoprof writes over no file. False for
// a name that its settings cannot hold.
bool trace_file_prepare(const char *path, struct error *err)
	__attribute__((warn_unused_result));

// Cuts a trace to what is in it: that of a command that was killed still has the size
// that it might have grown to.
void trace_file_cut(const char *path);
