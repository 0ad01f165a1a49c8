// Options of a command, one word of argv at a time: -name, --name, --name=value,
// --name value.
#pragma once

#include <stdbool.h>

// Whether argv[*at] is that option; its value is then in *value (NULL: there was none)
// and *at behind both.
bool option_word_value(int argc, char **argv, int *at, const char *name,
		       const char **value);

// Whether argv[*at] is that switch; *out is then true and *at behind it.
bool option_word_switch(char **argv, int *at, const char *name, bool *out);
