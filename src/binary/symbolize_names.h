// The functions that symbolization adds to a profile, each once, worded in one style.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct module_frame;
struct profile;
struct symbolize_names;
struct symbolize_options;

// Also rewords the functions that the profile has already, as pprof does: those whose
// name is still their system name.
struct symbolize_names *symbolize_names_create(struct profile *profile,
					       const struct symbolize_options *options);
void symbolize_names_destroy(struct symbolize_names *names);

// Turns frames, innermost first, into lines, which symbolize_names_set then gives to any
// number of locations in place of what they have.
void symbolize_names_add(struct symbolize_names *names, const struct module_frame *frames,
			 size_t count);
void symbolize_names_set(struct symbolize_names *names, uint32_t location);
