// A command as the target of what looks at processes: started, and ready to be looked at.
#pragma once

#include <stdbool.h>

struct error;

// Starts a command with our own input and outputs. Of a Go program it returns once the
// runtime stands, some milliseconds after it has started, or the command has ended. A
// command that cannot be started is an error, ERROR_NOT_FOUND where there is none.
bool launch_target_start(char *const *words, int *pid, struct error *err)
	__attribute__((warn_unused_result));

// Whether a command that was started has ended; its status is kept.
bool launch_target_has_ended(int pid);
