// Options of a command, one word of argv at a time: -name, --name, --name=value,
// --name value.
#pragma once

#include <stdbool.h>

struct error;

// Whether argv[*at] is that option; its value is then in *value (NULL: there was none)
// and *at behind both.
bool option_word_value(int argc, char **argv, int *at, const char *name,
		       const char **value);

// Whether argv[*at] is that switch; *out is then true and *at behind it.
bool option_word_switch(char **argv, int *at, const char *name, bool *out);

// The value of --seconds: a number above 0, of at most 1e7. NULL is ERROR_USAGE too.
bool option_word_seconds(const char *value, double *out, struct error *err)
	__attribute__((warn_unused_result));
