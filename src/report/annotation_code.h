// The instructions of the functions that a pattern is about.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct annotation;
struct interest;
struct report;
struct weights;

// Fills codes, in the order of files and addresses; those without code at hand come last.
// Returns the code of each location, PROFILE_NONE where it has none, in the arena.
uint32_t *annotation_code_read(struct annotation *annotation, const struct report *report,
			       const struct interest *interest,
			       const struct weights *weights);
