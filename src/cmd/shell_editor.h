// Reads commands from a terminal: line editing, history, completion.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct profile;
struct shell_editor;

// NULL where the terminal cannot do it. From here on the process ignores SIGINT.
struct shell_editor *shell_editor_open(const struct profile *profile, const char *prompt);

// Keeps the history for the next shell.
void shell_editor_close(struct shell_editor *editor);

// The next line, valid until the next call; false at the end of input.
bool shell_editor_next(struct shell_editor *editor, struct str *line);
