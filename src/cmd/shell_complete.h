// What TAB offers: commands, options, their values, and names of functions.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

struct profile;

struct shell_candidate {
	struct str name;
	char suffix; // typed behind it when it is the only one, 0: nothing
};

// Candidates borrow from the completer and from the scratch arena.
struct shell_completion {
	struct shell_candidate *candidates; // sorted by name
	size_t count;
	struct str word;        // the end of the line that they stand for
	struct str replacement; // for the word; the word itself when nothing is sure
};

// Zeroed but for the profile it is ready; owned by its user.
struct shell_completer {
	const struct profile *profile;
	struct str *functions; // sorted, each once; NULL until they are asked for
	size_t function_count;
};

void shell_completer_deinit(struct shell_completer *completer);

// Completes the end of a line. A word that begins no function's name may be any part of
// one. Function names are inserted as regular expressions that mean just them.
void shell_complete(struct shell_completer *completer, struct arena *scratch,
		    struct str line, struct shell_completion *out);
