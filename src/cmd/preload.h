// The environment of a command that is to run under libgoprof.
#pragma once

#include <stdbool.h>

struct error;

// Sets LD_PRELOAD, and GOPROF to the settings, in this process. False when the library
// cannot be found.
bool preload_set(const char *settings, struct error *err)
	__attribute__((warn_unused_result));
