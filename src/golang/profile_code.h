// Locations and functions of a Go program's code in a profile under construction.
#pragma once

#include <stdint.h>

#include "base/fold.h"
#include "base/map.h"

struct go_point;
struct go_process;
struct profile_builder;

// Borrows the builder. One mapping stands for the program.
struct profile_code {
	struct go_process *process;
	struct profile_builder *builder;
	uint32_t mapping;      // row
	struct map locations;  // address of the point -> row
	struct fold functions; // by name and file
};

void profile_code_init(struct profile_code *code, struct go_process *process,
		       struct profile_builder *builder);
void profile_code_deinit(struct profile_code *code);

// The row of a point's location, with names and lines, inlined calls first; wrappers that
// the compiler made are left out, PROFILE_NONE where nothing is left.
uint32_t profile_code_location(struct profile_code *code, const struct go_point *point);

// The row of a location that is only a name, such as "[running]".
uint32_t profile_code_named(struct profile_code *code, struct str name);
