// Whether the layout chosen for a Go program fits what is in its memory.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct error;
struct go_process;

// False with a sentence that names the version and what did not fit.
bool process_check(const struct go_process *process, struct error *err)
	__attribute__((warn_unused_result));

// "go1.19 to go1.27", for messages.
struct str process_check_known(struct arena *arena);
