// Remembers what each string answered.
#include "profile/match.h"

#include <stdlib.h>

#include "base/regexp.h"
#include "profile/profile.h"

enum { UNKNOWN, MATCHES, MATCHES_NOT };

void match_init(struct match *match, const struct profile *profile,
		const struct regexp *regexp)
{
	*match = (struct match){ .profile = profile, .regexp = regexp };
	if (regexp != NULL)
		match->known = table_zeroed(profile->strings.count, 1);
}

void match_deinit(struct match *match)
{
	free(match->known);
	*match = (struct match){ 0 };
}

bool match_string(struct match *match, uint32_t id)
{
	if (match->regexp == NULL)
		return false;
	if (match->known[id] == UNKNOWN) {
		struct str s = profile_string(match->profile, id);

		match->known[id] =
			regexp_matches(match->regexp, s) ? MATCHES : MATCHES_NOT;
	}
	return match->known[id] == MATCHES;
}

bool match_function(struct match *match, uint32_t function)
{
	const struct profile_function *row;

	if (function == PROFILE_NONE)
		return false;
	row = &match->profile->functions[function];
	return match_string(match, row->name) || match_string(match, row->filename);
}

bool match_mapping(struct match *match, const struct profile_location *location)
{
	return location->mapping != PROFILE_NONE &&
	       match_string(match, match->profile->mappings[location->mapping].file);
}

bool match_location(struct match *match, const struct profile_location *location)
{
	const struct profile_line *lines = match->profile->lines + location->first_line;

	for (uint32_t i = 0; i < location->line_count; i++) {
		if (match_function(match, lines[i].function))
			return true;
	}
	return match_mapping(match, location);
}
