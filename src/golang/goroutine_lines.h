// Which lines of a stack Go's tracebacks show.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/version.h"

struct go_code;
struct go_line;
struct goroutine;

// A logical frame: `frame` is the real one that it is, or was inlined into.
struct shown_line {
	const struct go_line *line;
	uint32_t frame;
	bool is_inlined;
};

// Zero-initialised is empty; the list is kept for the next stack.
struct goroutine_lines {
	struct shown_line *items;
	size_t count, capacity;
	bool is_cut; // up to Go 1.20: after a hundred frames
};

void goroutine_lines_deinit(struct goroutine_lines *lines);

// Fills the list, leaf first: what is internal to the runtime is left out, unless nothing
// else is there.
void goroutine_lines_choose(struct goroutine_lines *lines, struct go_code *code,
			    const struct goroutine *goroutine, struct go_version version);
