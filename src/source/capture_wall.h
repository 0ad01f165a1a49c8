// The kind "wall": the time of all goroutines of a Go program, by stack and state.
#pragma once

#include <stdbool.h>

struct capture_notes;
struct capture_options;
struct capture_target;
struct error;
struct profile;

bool capture_wall_profile(struct capture_target *target,
			  const struct capture_options *options,
			  struct capture_notes *notes, struct profile **out,
			  struct error *err);
