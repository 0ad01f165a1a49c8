// Where the names of one mapping come from: a program file, the vDSO, the kernel, or a
// just-in-time compiler's map.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct module_sink;
struct profile;
struct symbolize_options;
struct symbolize_origins;

// Everything opened on the way stays open, shared by mappings of the same file. Borrows
// both arguments.
struct symbolize_origins *symbolize_origins_create(
	struct profile *profile, const struct symbolize_options *options);
void symbolize_origins_destroy(struct symbolize_origins *origins);

// Looks up addresses of the measured process, sorted and distinct, in one mapping
// (PROFILE_NONE: outside of all). Returns what was found and why not, in the arena.
struct str symbolize_origins_look_up(struct symbolize_origins *origins, uint32_t mapping,
				     const uint64_t *addresses, size_t count,
				     struct module_sink *sink, struct arena *arena);
