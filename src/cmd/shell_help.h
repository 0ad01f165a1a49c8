// What the shell says about its commands and options.
#pragma once

#include "base/str.h"

struct profile;

// About one command or option, or "" for all of them, on stderr. Names the kinds of
// values that the profile has.
void shell_help_print(const struct profile *profile, struct str topic);
