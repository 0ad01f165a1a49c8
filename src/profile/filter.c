// Each location is judged once, then each distinct stack, then the samples are walked.
#include "profile/filter.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "profile/match.h"
#include "profile/profile.h"
#include "profile/sample_edit.h"

// Marks of a location.
enum { FOCUSED = 1, IGNORED = 2, HIDDEN = 4, SHOWN_FROM = 8 };

struct judges {
	struct match focus, ignore, hide, show;
	bool is_focusing, is_showing;
	struct filter_matched matched;
};

// Lines without a function match nothing; they are kept by both.
static void remove_lines(struct profile *profile, struct profile_location *location,
			 struct match *hide)
{
	struct profile_line *lines = profile->lines + location->first_line;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < location->line_count; i++) {
		if (!match_function(hide, lines[i].function))
			lines[kept++] = lines[i];
	}
	location->line_count = match_mapping(hide, location) ? 0 : kept;
}

static void keep_lines(struct profile *profile, struct profile_location *location,
		       struct match *show)
{
	struct profile_line *lines = profile->lines + location->first_line;
	uint32_t kept = 0;

	if (match_mapping(show, location))
		return;
	for (uint32_t i = 0; i < location->line_count; i++) {
		if (lines[i].function == PROFILE_NONE ||
		    match_function(show, lines[i].function))
			lines[kept++] = lines[i];
	}
	location->line_count = kept;
}

static uint8_t judge(struct profile *profile, struct judges *judges,
		     struct profile_location *location)
{
	uint8_t marks = 0;

	if (match_location(&judges->ignore, location)) {
		judges->matched.ignore = true;
		marks = IGNORED;
	} else if (!judges->is_focusing || match_location(&judges->focus, location)) {
		judges->matched.focus = true;
		marks = FOCUSED;
	}
	if (match_location(&judges->hide, location)) {
		judges->matched.hide = true;
		remove_lines(profile, location, &judges->hide);
		if (location->line_count == 0)
			marks |= HIDDEN;
	}
	if (judges->is_showing) {
		keep_lines(profile, location, &judges->show);
		if (location->line_count == 0)
			marks |= HIDDEN;
		else
			judges->matched.show = true;
	}
	return marks;
}

static bool is_wanted(const uint8_t *marks, struct profile_stack_view stack)
{
	uint8_t all = 0;

	for (size_t i = 0; i < stack.count; i++)
		all |= marks[stack.locations[i]];
	return (all & FOCUSED) != 0 && (all & IGNORED) == 0;
}

// What is left of a wanted stack; one that is all hidden is dropped.
static size_t remove_hidden(void *context, struct profile_stack_view stack, uint32_t *out)
{
	const uint8_t *marks = context;
	size_t kept = 0;

	if (!is_wanted(marks, stack))
		return SAMPLE_EDIT_DROP;
	for (size_t i = 0; i < stack.count; i++) {
		if ((marks[stack.locations[i]] & HIDDEN) == 0)
			out[kept++] = stack.locations[i];
	}
	return kept == 0 ? SAMPLE_EDIT_DROP : kept;
}

static void keep_wanted(struct profile *profile, const uint8_t *marks)
{
	CLEANUP_FREE uint8_t *wanted = table_zeroed(profile->stacks.count + 1, 1);

	for (uint32_t i = 0; i < profile->stacks.count; i++)
		wanted[i] = is_wanted(marks, profile_stack(profile, i));
	sample_edit_keep(profile, wanted, NULL);
}

static void judge_all(struct profile *profile, struct judges *judges)
{
	CLEANUP_FREE uint8_t *marks = table_zeroed(profile->location_count + 1, 1);
	uint8_t all = 0;

	for (size_t i = 0; i < profile->location_count; i++) {
		marks[i] = judge(profile, judges, &profile->locations[i]);
		all |= marks[i];
	}
	if ((all & HIDDEN) != 0)
		sample_edit_stacks(profile, remove_hidden, marks);
	else
		keep_wanted(profile, marks);
}

struct filter_matched filter_by_name(struct profile *profile,
				     const struct filter_names *names)
{
	struct judges judges = {
		.is_focusing = names->focus != NULL,
		.is_showing = names->show != NULL,
	};

	if (names->focus == NULL && names->ignore == NULL && names->hide == NULL &&
	    names->show == NULL)
		return (struct filter_matched){ .focus = true };
	match_init(&judges.focus, profile, names->focus);
	match_init(&judges.ignore, profile, names->ignore);
	match_init(&judges.hide, profile, names->hide);
	match_init(&judges.show, profile, names->show);
	judge_all(profile, &judges);
	match_deinit(&judges.focus);
	match_deinit(&judges.ignore);
	match_deinit(&judges.hide);
	match_deinit(&judges.show);
	return judges.matched;
}

static size_t cut_callers(void *context, struct profile_stack_view stack, uint32_t *out)
{
	const uint8_t *marks = context;
	size_t count = stack.count;

	while (count > 0 && marks[stack.locations[count - 1]] == 0)
		count--;
	if (count == 0)
		return SAMPLE_EDIT_DROP;
	memcpy(out, stack.locations, count * sizeof(*out));
	return count;
}

// Cuts the lines above the outermost match inside a location.
static bool cut_lines(struct profile *profile, struct profile_location *location,
		      struct match *match)
{
	const struct profile_line *lines = profile->lines + location->first_line;

	if (match_mapping(match, location))
		return true;
	for (uint32_t count = location->line_count; count > 0; count--) {
		if (match_function(match, lines[count - 1].function)) {
			location->line_count = count;
			return true;
		}
	}
	return false;
}

bool filter_show_from(struct profile *profile, const struct regexp *show_from)
{
	CLEANUP_FREE uint8_t *marks = table_zeroed(profile->location_count + 1, 1);
	struct match match;
	bool has_matched = false;

	match_init(&match, profile, show_from);
	for (size_t i = 0; i < profile->location_count; i++) {
		if (cut_lines(profile, &profile->locations[i], &match)) {
			marks[i] = SHOWN_FROM;
			has_matched = true;
		}
	}
	match_deinit(&match);
	sample_edit_stacks(profile, cut_callers, marks);
	return has_matched;
}
