// From mappings as they were written down to those of a profile.
#pragma once

struct profile;

// Joins mappings that were split, puts the program's own file first, undoes known
// mistakes of start addresses, and gives each location with an address its mapping: one
// that covers everything where there is none, as pprof does.
void legacy_mapping_assign(struct profile *profile);
