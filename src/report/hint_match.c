// Matches names against the sets and flattens stacks.
#include "report/hint_match.h"

#include <stdlib.h>

#include "base/arena.h"
#include "profile/profile.h"

// A kernel mapping's file is "[kernel.kallsyms]" and the like.
static bool is_kernel_mapping(const struct profile *profile, uint32_t mapping)
{
	return mapping != PROFILE_NONE &&
	       str_starts_with(profile_string(profile, profile->mappings[mapping].file),
			       STR("[kernel"));
}

static void push(struct hint_stack *stack, struct hint_frame frame)
{
	stack->frames = table_reserve(stack->frames, &stack->capacity, stack->count + 1,
				      sizeof(*stack->frames));
	stack->frames[stack->count++] = frame;
}

void hint_stack_read(struct hint_stack *stack, const struct profile *profile,
		     uint32_t row)
{
	struct profile_stack_view view = profile_stack(profile, row);

	stack->count = 0;
	for (size_t i = view.count; i-- > 0;) {
		const struct profile_location *location =
			&profile->locations[view.locations[i]];
		const struct profile_line *lines = profile->lines + location->first_line;
		bool is_kernel = is_kernel_mapping(profile, location->mapping);

		if (location->line_count == 0)
			push(stack, (struct hint_frame){ PROFILE_NONE, is_kernel });
		for (uint32_t k = location->line_count; k-- > 0;)
			push(stack, (struct hint_frame){ lines[k].function, is_kernel });
	}
}

void hint_stack_deinit(struct hint_stack *stack)
{
	free(stack->frames);
	*stack = (struct hint_stack){ 0 };
}

// Leading underscores only tell a library's aliases of one function apart, as does the
// version behind '@'.
static struct str normalize(struct str name)
{
	struct str alias = STR("__GI_");
	ptrdiff_t version = str_find_char(name, '@');

	if (version > 0)
		name = str_slice(name, 0, (size_t)version);
	if (str_starts_with(name, alias))
		name = str_after(name, alias.n);
	while (name.n > 0 && name.p[0] == '_')
		name = str_after(name, 1);
	return name;
}

static bool is_wild(const char *pattern, size_t at)
{
	return pattern[at] == '*' && (at == 0 || pattern[at - 1] != '(');
}

// The usual backtracking to the last '*', which is all that is ever needed.
static bool is_match(const char *pattern, struct str name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, mark = 0;

	while (n < name.n) {
		if (is_wild(pattern, p)) {
			star = p++;
			mark = n;
		} else if (pattern[p] != '\0' && pattern[p] == name.p[n]) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++mark;
		} else {
			return false;
		}
	}
	while (is_wild(pattern, p))
		p++;
	return pattern[p] == '\0';
}

static bool is_in_set(const struct hint_set *set, struct str name)
{
	for (const char *const *pattern = set->names; *pattern != NULL; pattern++) {
		if (is_match(*pattern, name))
			return true;
	}
	return false;
}

enum hint_topic hint_match_name(const struct hint_set_list *list, struct str name,
				bool is_kernel)
{
	name = normalize(name);
	for (size_t i = 0; i < list->count; i++) {
		if (list->sets[i].is_kernel == is_kernel &&
		    is_in_set(&list->sets[i], name))
			return list->sets[i].topic;
	}
	return HINT_NO_TOPIC;
}

void hint_match_init(struct hint_match *match, const struct profile *profile,
		     const struct hint_set_list *list)
{
	match->user = table_zeroed(profile->function_count + 1, 1);
	match->kernel = table_zeroed(profile->function_count + 1, 1);
	for (size_t i = 0; i < profile->function_count; i++) {
		struct str name = profile_string(profile, profile->functions[i].name);

		match->user[i] = (uint8_t)hint_match_name(list, name, false);
		match->kernel[i] = (uint8_t)hint_match_name(list, name, true);
	}
}

void hint_match_deinit(struct hint_match *match)
{
	free(match->user);
	free(match->kernel);
	*match = (struct hint_match){ 0 };
}
