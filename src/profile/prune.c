// Function names are simplified and tried once each, then locations, then stacks.
#include "profile/prune.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/regexp.h"
#include "profile/profile.h"
#include "profile/sample_edit.h"

// What a location does to the frames beneath it.
enum { CUTS_BENEATH = 1, CUTS_ITSELF = 2 };

// For each function, whether its simplified name matches.
struct pruner {
	const struct profile *profile;
	uint8_t *functions;
};

// The length of a word with parentheses at the start of s that is part of a name.
static size_t reserved_length(struct str s)
{
	static const char *const words[] = { "(anonymous namespace)", "operator()" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_starts_with(s, str_from(words[i])))
			return strlen(words[i]);
	}
	return 0;
}

struct str prune_simplified_name(struct str name)
{
	if (str_starts_with(name, STR(".")))
		name = str_after(name, 1);
	for (size_t i = 0; i < name.n; i++) {
		size_t reserved = reserved_length(str_after(name, i));

		if (reserved > 0)
			i += reserved - 1;
		else if (name.p[i] == '(')
			return str_slice(name, 0, i);
	}
	return name;
}

static void pruner_init(struct pruner *pruner, const struct profile *profile,
			const struct regexp *drop, const struct regexp *keep)
{
	pruner->profile = profile;
	pruner->functions = table_zeroed(profile->function_count + 1, 1);
	for (size_t i = 0; i < profile->function_count; i++) {
		struct str name = profile_string(profile, profile->functions[i].name);
		struct str simple = prune_simplified_name(name);

		pruner->functions[i] = name.n > 0 && regexp_matches(drop, simple) &&
				       (keep == NULL || !regexp_matches(keep, simple));
	}
}

static bool is_match(const struct pruner *pruner, const struct profile_line *line)
{
	return line->function != PROFILE_NONE && pruner->functions[line->function] != 0;
}

static size_t cut_to_first_match(void *context, struct profile_stack_view stack,
				 uint32_t *out)
{
	const uint8_t *marks = context;
	size_t from = 0;

	while (from < stack.count && marks[stack.locations[from]] == 0)
		from++;
	if (from == stack.count)
		from = 0;
	if (stack.count > from)
		memcpy(out, stack.locations + from, (stack.count - from) * sizeof(*out));
	return stack.count - from;
}

void prune_from(struct profile *profile, const struct regexp *regexp)
{
	CLEANUP_FREE uint8_t *marks = table_zeroed(profile->location_count + 1, 1);
	struct pruner pruner;
	bool is_any = false;

	pruner_init(&pruner, profile, regexp, NULL);
	for (size_t i = 0; i < profile->location_count; i++) {
		struct profile_location *location = &profile->locations[i];
		const struct profile_line *lines = profile->lines + location->first_line;
		uint32_t skipped = 0;

		while (skipped < location->line_count &&
		       !is_match(&pruner, &lines[skipped]))
			skipped++;
		if (skipped == location->line_count)
			continue;
		marks[i] = CUTS_BENEATH;
		is_any = true;
		location->first_line += skipped;
		location->line_count -= skipped;
	}
	free(pruner.functions);
	if (is_any)
		sample_edit_stacks(profile, cut_to_first_match, marks);
}

// Marks the location by its outermost match and removes the lines up to it, unless that
// would be all of them.
static uint8_t prune_location(const struct pruner *pruner,
			      struct profile_location *location)
{
	const struct profile_line *lines = pruner->profile->lines + location->first_line;
	uint32_t cut = location->line_count;

	while (cut > 0 && !is_match(pruner, &lines[cut - 1]))
		cut--;
	if (cut == 0)
		return 0;
	if (cut == location->line_count)
		return CUTS_ITSELF;
	location->first_line += cut;
	location->line_count -= cut;
	return CUTS_BENEATH;
}

static size_t cut_below_user_code(void *context, struct profile_stack_view stack,
				  uint32_t *out)
{
	const uint8_t *marks = context;
	size_t from = 0;
	bool is_user_seen = false;

	for (size_t i = stack.count; i-- > 0;) {
		uint8_t mark = marks[stack.locations[i]];

		is_user_seen |= mark == 0;
		if (mark == 0 || !is_user_seen)
			continue;
		from = mark == CUTS_ITSELF ? i + 1 : i;
		break;
	}
	if (stack.count > from)
		memcpy(out, stack.locations + from, (stack.count - from) * sizeof(*out));
	return stack.count - from;
}

void prune_matching(struct profile *profile, const struct regexp *drop,
		    const struct regexp *keep)
{
	CLEANUP_FREE uint8_t *marks = table_zeroed(profile->location_count + 1, 1);
	struct pruner pruner;
	uint8_t all = 0;

	pruner_init(&pruner, profile, drop, keep);
	for (size_t i = 0; i < profile->location_count; i++) {
		marks[i] = prune_location(&pruner, &profile->locations[i]);
		all |= marks[i];
	}
	free(pruner.functions);
	if (all != 0)
		sample_edit_stacks(profile, cut_below_user_code, marks);
}

static bool compile_whole(struct str pattern, struct regexp **out, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str whole = str_format(&scratch, "^(%.*s)$", (int)pattern.n, pattern.p);

	if (regexp_create(whole, out, err))
		return true;
	return error_wrap(err, "failed to compile regexp %.*s of the profile",
			  (int)pattern.n, pattern.p);
}

bool prune_uninteresting(struct profile *profile, struct error *err)
{
	struct regexp *drop = NULL, *keep = NULL;

	if (profile->drop_frames == 0)
		return true;
	if (!compile_whole(profile_string(profile, profile->drop_frames), &drop, err))
		return false;
	if (profile->keep_frames != 0 &&
	    !compile_whole(profile_string(profile, profile->keep_frames), &keep, err)) {
		regexp_destroy(drop);
		return false;
	}
	prune_matching(profile, drop, keep);
	regexp_destroy(drop);
	regexp_destroy(keep);
	return true;
}
