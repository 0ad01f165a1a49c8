// Matches each function and program file once, then walks the locations.
#include "report/interest.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/regexp.h"
#include "profile/profile.h"
#include "report/weights.h"

// What the pattern says of each row.
struct matches {
	uint8_t *functions, *mappings;
	bool has_address;
	uint64_t address;
};

static void find_used(struct interest *interest, const struct profile *profile,
		      const struct weights *weights)
{
	for (uint32_t stack = 0; stack < weights->count; stack++) {
		struct profile_stack_view view = profile_stack(profile, stack);

		for (size_t i = 0; weights->is_seen[stack] != 0 && i < view.count; i++)
			interest->is_used[view.locations[i]] = 1;
	}
}

static void match_rows(struct matches *matches, const struct profile *profile,
		       const struct regexp *regexp, struct arena *arena)
{
	matches->functions = arena_array(arena, profile->function_count + 1, 1);
	matches->mappings = arena_array(arena, profile->mapping_count + 1, 1);
	for (size_t i = 0; i < profile->function_count; i++) {
		const struct profile_function *row = &profile->functions[i];
		uint32_t words[] = { row->name, row->system_name, row->filename };

		for (size_t j = 0; j < sizeof(words) / sizeof(*words); j++)
			matches->functions[i] |=
				regexp_matches(regexp, profile_string(profile, words[j]));
	}
	for (size_t i = 0; i < profile->mapping_count; i++)
		matches->mappings[i] = regexp_matches(
			regexp, profile_string(profile, profile->mappings[i].file));
}

static void mark(struct interest *interest, const struct profile *profile, size_t index,
		 uint32_t line)
{
	uint32_t first = profile->locations[index].first_line;
	uint32_t row = profile->lines[first + line].function;
	const struct profile_function *function;

	if (row == PROFILE_NONE)
		return;
	function = &profile->functions[row];
	interest->is_marked[index] = 1;
	interner_add(&interest->names, NULL, profile_string(profile, function->name));
	if (function->system_name != 0)
		interner_add(&interest->names, NULL,
			     profile_string(profile, function->system_name));
}

// A program file that matches is about the innermost function of each address.
static void mark_matches(struct interest *interest, const struct profile *profile,
			 const struct matches *matches, size_t index)
{
	const struct profile_location *location = &profile->locations[index];
	bool has_file = location->mapping != PROFILE_NONE &&
			matches->mappings[location->mapping] != 0;

	if (location->line_count == 0)
		return;
	if (matches->has_address && location->address == matches->address) {
		mark(interest, profile, index, location->line_count - 1);
		return;
	}
	for (uint32_t i = 0; i < location->line_count; i++) {
		uint32_t row = profile->lines[location->first_line + i].function;

		if ((i == 0 && has_file) ||
		    (row != PROFILE_NONE && matches->functions[row] != 0))
			mark(interest, profile, index, i);
	}
}

bool interest_init(struct interest *interest, const struct profile *profile,
		   const struct weights *weights, struct str pattern, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct matches matches = { 0 };
	struct regexp *regexp;

	if (!regexp_create(pattern, &regexp, err))
		return error_wrap(err, "parsing argument regexp %.*s", (int)pattern.n,
				  pattern.p);
	*interest = (struct interest){
		.is_used = table_zeroed(profile->location_count + 1, 1),
		.is_marked = table_zeroed(profile->location_count + 1, 1),
	};
	matches.has_address = str_to_u64(pattern, 0, &matches.address);
	match_rows(&matches, profile, regexp, &scratch);
	regexp_destroy(regexp);
	find_used(interest, profile, weights);
	for (size_t i = 0; i < profile->location_count; i++) {
		if (interest->is_used[i] != 0)
			mark_matches(interest, profile, &matches, i);
	}
	if (interest->names.count > 0)
		return true;
	interest_deinit(interest);
	return error_set(err, ERROR_NOT_FOUND, "no matches found for regexp: %.*s",
			 (int)pattern.n, pattern.p);
}

void interest_deinit(struct interest *interest)
{
	free(interest->is_used);
	free(interest->is_marked);
	interner_deinit(&interest->names);
	*interest = (struct interest){ 0 };
}

bool interest_has(const struct interest *interest, struct str name)
{
	return interner_find(&interest->names, name) != MAP_NONE;
}
