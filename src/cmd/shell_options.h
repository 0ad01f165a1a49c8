// Settings of the shell: `unit=ms`, `call_tree`, `lines`.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "report/options.h"

struct error;
struct shell;

enum shell_assignment {
	SHELL_NO_ASSIGNMENT, // the line is something else
	SHELL_ASSIGNED,
	SHELL_NOT_ASSIGNED, // err says why not
};

// Takes "name=value", or a truth value's name alone; "//: ..." behind it is a comment.
enum shell_assignment shell_options_assign(struct shell *shell, struct str line,
					   struct error *err);

// All settings with their values, on stderr.
void shell_options_print(const struct shell *shell);

// The names before '=' by number, NULL behind the last: the options of reports, `output`,
// and the groups of choices `sort` and `granularity`.
const char *shell_options_name(size_t i);

// The choices of a group by number, NULL behind the last and for all other names.
const char *shell_options_choice(struct str group, size_t i);

// Whether the name says enough without a value.
bool shell_options_is_truth(struct str name);

// Whether `help` knows it: the choices, but not their groups.
bool shell_options_has_help(struct str name);
