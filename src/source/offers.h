// The processes of this machine that can be asked for more than CPU time, and what each
// of them gives.
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "source/capture.h"

struct offer {
	int pid;
	enum capture_class class;
	struct str name;    // of the program
	struct str version; // of Go, "" for others
	struct str kinds;   // separated by blanks
	struct str problem; // why it can not be read, "" where it can
};

// Sorted by process id; strings live in the arena.
struct offers {
	struct offer *items;
	size_t count, capacity;
	struct arena arena;
};

void offers_find(struct offers *out);
void offers_deinit(struct offers *offers);
