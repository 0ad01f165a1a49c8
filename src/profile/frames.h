// Frames that an input names but gives no address for.
#pragma once

#include "profile/builder.h"

// Borrows the builder; holds the lookup tables that folding by name needs.
struct frames {
	struct profile_builder *builder;
	struct map functions; // name and file -> row of functions
	struct map locations; // function and line -> row of locations
};

void frames_init(struct frames *frames, struct profile_builder *builder);
void frames_deinit(struct frames *frames);

// The function of that name in that file ("": unknown), added when new.
uint32_t frames_function(struct frames *frames, struct str name, struct str file);

// The location of that function and line (0: unknown), added when new.
uint32_t frames_location(struct frames *frames, uint32_t function, int64_t line);
