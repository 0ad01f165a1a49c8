// A regular expression over the strings of a profile, each string tried once.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct profile;
struct profile_location;
struct regexp;

// Borrows the profile, whose strings may grow meanwhile only if match_string is not asked
// about the new ones, and the regular expression (NULL: nothing matches).
struct match {
	const struct profile *profile;
	const struct regexp *regexp;
	uint8_t *known; // by string id: 0 not tried yet
};

void match_init(struct match *match, const struct profile *profile,
		const struct regexp *regexp);
void match_deinit(struct match *match);

bool match_string(struct match *match, uint32_t id);

// By name or file name; false for PROFILE_NONE.
bool match_function(struct match *match, uint32_t function);

// By the file of its mapping.
bool match_mapping(struct match *match, const struct profile_location *location);

// By any of its functions, or by its mapping.
bool match_location(struct match *match, const struct profile_location *location);
