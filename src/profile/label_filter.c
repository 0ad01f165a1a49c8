// Each distinct label list is judged once, and each distinct label within them once.
#include "profile/label_filter.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/regexp.h"
#include "profile/label_edit.h"
#include "profile/label_range.h"
#include "profile/match.h"
#include "profile/profile.h"
#include "profile/sample_edit.h"

struct label_expression {
	struct arena arena;
	bool has_key, is_range;
	struct str key, text; // text: what follows the key
	struct label_range range;
	struct regexp **regexps; // count of them, by comma
	struct map *answers;     // of each, by key and string of a label
	size_t count;
};

static bool add_regexp(struct label_expression *expression, const char *name,
		       struct str pattern, struct error *err)
{
	struct regexp **at = &expression->regexps[expression->count];

	if (!regexp_create(pattern, at, err))
		return error_wrap(err, "parsing %s regexp", name);
	expression->count++;
	return true;
}

// An empty piece is a regexp that matches everything.
static bool compile(struct label_expression *expression, const char *name,
		    struct error *err)
{
	struct str rest = expression->text;
	size_t most = 1;

	for (size_t i = 0; i < rest.n; i++)
		most += rest.p[i] == ',';
	expression->regexps =
		arena_array(&expression->arena, most, sizeof(*expression->regexps));
	expression->answers =
		arena_array(&expression->arena, most, sizeof(*expression->answers));
	for (size_t i = 0; i < most; i++) {
		ptrdiff_t comma = str_find_char(rest, ',');
		size_t end = comma == STR_NOT_FOUND ? rest.n : (size_t)comma;

		if (!add_regexp(expression, name, str_slice(rest, 0, end), err))
			return false;
		rest = str_after(rest, end + 1);
	}
	return true;
}

bool label_expression_create(const char *name, struct str text,
			     struct label_expression **out, struct error *err)
{
	struct label_expression *expression = table_zeroed(1, sizeof(*expression));
	ptrdiff_t equals = str_find_char(text, '=');

	if (equals != STR_NOT_FOUND) {
		expression->has_key = true;
		expression->key = str_slice(text, 0, (size_t)equals);
		text = str_after(text, (size_t)equals + 1);
	}
	expression->text = text;
	expression->is_range = label_range_parse(text, &expression->range);
	if (!expression->is_range && !compile(expression, name, err)) {
		label_expression_destroy(expression);
		return false;
	}
	*out = expression;
	return true;
}

void label_expression_destroy(struct label_expression *expression)
{
	if (expression == NULL)
		return;
	for (size_t i = 0; i < expression->count; i++) {
		regexp_destroy(expression->regexps[i]);
		map_deinit(&expression->answers[i]);
	}
	arena_deinit(&expression->arena);
	free(expression);
}

struct str label_expression_range(const struct label_expression *expression)
{
	return expression->is_range ? expression->text : STR("");
}

// One expression over one profile.
struct judge {
	const struct profile *profile;
	struct label_expression *expression;
	uint32_t key;     // string id of the expression's key, or MAP_NONE
	struct map units; // of numeric labels: key -> string id
};

// The unit that all values of a key are told in: the first that one has.
static void find_units(struct judge *judge)
{
	const struct profile_label_sets *sets = &judge->profile->label_sets;

	for (size_t i = 0; i < sets->label_count; i++) {
		const struct profile_label *label = &sets->labels[i];

		if (label->string == 0 && label->unit != 0 &&
		    map_get(&judge->units, label->key) == MAP_NONE)
			*map_put(&judge->units, label->key) = label->unit;
	}
}

static struct str unit_of(const struct judge *judge, uint32_t key)
{
	struct str name = profile_string(judge->profile, key);
	uint32_t unit = map_get(&judge->units, key);

	if (unit != MAP_NONE)
		return profile_string(judge->profile, unit);
	// Go's heap profiles name sizes so without a unit.
	if (str_equal(name, STR("alignment")) || str_equal(name, STR("request")))
		return STR("bytes");
	return name;
}

static bool has_wanted_key(const struct judge *judge, const struct profile_label *label)
{
	return !judge->expression->has_key || label->key == judge->key;
}

static bool is_in_range(const struct judge *judge, struct profile_labels_view list)
{
	for (size_t i = 0; i < list.count; i++) {
		const struct profile_label *label = &list.labels[i];

		if (label->string == 0 && has_wanted_key(judge, label) &&
		    label_range_contains(&judge->expression->range, label->number,
					 unit_of(judge, label->key)))
			return true;
	}
	return false;
}

// With a key the value alone is tried, without one "key:value".
static bool try_label(const struct judge *judge, size_t regexp,
		      const struct profile_label *label)
{
	struct str key = profile_string(judge->profile, label->key);
	struct str value = profile_string(judge->profile, label->string);
	CLEANUP_ARENA struct arena scratch = { 0 };

	if (!judge->expression->has_key)
		value = str_format(&scratch, "%.*s:%.*s", (int)key.n, key.p, (int)value.n,
				   value.p);
	return regexp_matches(judge->expression->regexps[regexp], value);
}

static bool is_any_matched(const struct judge *judge, size_t regexp,
			   struct profile_labels_view list)
{
	for (size_t i = 0; i < list.count; i++) {
		const struct profile_label *label = &list.labels[i];
		uint32_t *answer;

		if (label->string == 0 || !has_wanted_key(judge, label))
			continue;
		answer = map_put(&judge->expression->answers[regexp],
				 (uint64_t)label->key << 32 | label->string);
		if (*answer == MAP_NONE)
			*answer = try_label(judge, regexp, label);
		if (*answer == 1)
			return true;
	}
	return false;
}

static bool is_matched(const struct judge *judge, struct profile_labels_view list)
{
	const struct label_expression *expression = judge->expression;
	size_t matched = 0;

	if (expression->is_range)
		return is_in_range(judge, list);
	for (size_t i = 0; i < expression->count; i++)
		matched += is_any_matched(judge, i, list);
	return expression->has_key ? matched > 0 : matched == expression->count;
}

// Marks the label lists that match, by row.
static uint8_t *judge_lists(const struct profile *profile,
			    struct label_expression *expression)
{
	uint8_t *marks = table_zeroed(profile->label_sets.count + 1, 1);
	struct judge judge = {
		.profile = profile,
		.expression = expression,
		.key = interner_find(&profile->strings, expression->key),
	};

	// Answers are about the strings of this profile.
	for (size_t i = 0; i < expression->count; i++)
		map_deinit(&expression->answers[i]);
	find_units(&judge);
	for (uint32_t i = 0; i < profile->label_sets.count; i++)
		marks[i] = is_matched(&judge, profile_labels(profile, i));
	map_deinit(&judge.units);
	return marks;
}

static bool is_any_sample_marked(const struct profile *profile, const uint8_t *marks)
{
	for (size_t i = 0; i < profile->sample_count; i++) {
		if (marks[profile->sample_labels[i]] != 0)
			return true;
	}
	return false;
}

struct label_filter_matched label_filter_samples(struct profile *profile,
						 struct label_expression *focus,
						 struct label_expression *ignore)
{
	struct label_filter_matched matched = { .focus = profile->sample_count > 0 };
	CLEANUP_FREE uint8_t *focused = NULL;
	CLEANUP_FREE uint8_t *ignored = NULL;
	size_t set_count = profile->label_sets.count;

	if (focus != NULL) {
		focused = judge_lists(profile, focus);
		matched.focus = is_any_sample_marked(profile, focused);
	}
	if (ignore != NULL) {
		ignored = judge_lists(profile, ignore);
		matched.ignore = is_any_sample_marked(profile, ignored);
		for (size_t i = 0; i < set_count; i++)
			ignored[i] = ignored[i] == 0;
	}
	if (focused != NULL)
		sample_edit_keep(profile, NULL, focused);
	if (ignored != NULL)
		sample_edit_keep(profile, NULL, ignored);
	return matched;
}

struct key_filter {
	struct match show, hide;
	struct label_filter_seen seen;
};

static bool keeps_key(void *context, const struct profile_label *label)
{
	struct key_filter *filter = context;
	bool is_shown =
		filter->show.regexp == NULL || match_string(&filter->show, label->key);
	bool is_hidden = match_string(&filter->hide, label->key);

	filter->seen.show |= is_shown;
	filter->seen.hide |= is_hidden;
	return is_shown && !is_hidden;
}

struct label_filter_seen label_filter_keys(struct profile *profile,
					   const struct regexp *show,
					   const struct regexp *hide)
{
	struct key_filter filter = { .seen = { false, false } };

	match_init(&filter.show, profile, show);
	match_init(&filter.hide, profile, hide);
	if (show != NULL || hide != NULL)
		label_edit_filter(profile, keeps_key, &filter);
	match_deinit(&filter.show);
	match_deinit(&filter.hide);
	return filter.seen;
}
