// `goprof KIND ... -- COMMAND`: starts the command, looks at it, waits for its end.
#pragma once

#include <stdbool.h>

struct error;

// What is done meanwhile, until the command ends or it has seen enough. Embed it first.
struct with_command_look {
	bool (*look)(struct with_command_look *self, int pid, struct error *err);
};

// Prints what fails. The exit status for us: that of the command (128 + signal, 127: not
// found), 1 or 2 after a failure of ours.
int with_command_run(char *const *words, struct with_command_look *look);
