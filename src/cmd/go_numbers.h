// Commands that print numbers of a program once: goprof memstats, memory, info.
#pragma once

#include <stdbool.h>

struct capture_notes;
struct capture_target;
struct error;
struct writer;

enum go_numbers_form { GO_NUMBERS_TEXT, GO_NUMBERS_JSON };

// Writes the answer for a target that is a Go program.
typedef bool go_numbers_write(struct capture_target *target, enum go_numbers_form form,
			      struct capture_notes *notes, struct writer *w,
			      struct error *err);

// The run of such a command: words are [--json] SOURCE [BINARY]. Targets that are no Go
// programs go to write_native; NULL: they are refused.
int go_numbers_run(int argc, char **argv, go_numbers_write *write,
		   go_numbers_write *write_native);
