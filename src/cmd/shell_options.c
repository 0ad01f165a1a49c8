// The table of report options, and the few names that only the shell has.
#include "cmd/shell_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/writer.h"
#include "cmd/shell.h"
#include "profile/profile.h"
#include "report/value.h"

enum { GROUP_COUNT = 2, NUMBER_SIZE = 400 };

// Options of which one at a time is set, by the name that stands for all of them.
struct group {
	const char *name;
	enum report_option_kind kind;
};

static const struct group groups[GROUP_COUNT] = {
	{ "granularity", OPTION_GRANULARITY },
	{ "sort", OPTION_SORT },
};

static const struct group *find_group(struct str name)
{
	for (size_t i = 0; i < GROUP_COUNT; i++) {
		if (str_equal(name, str_from(groups[i].name)))
			return &groups[i];
	}
	return NULL;
}

static bool is_output(struct str name)
{
	return str_equal(name, STR("output"));
}

const char *shell_options_name(size_t i)
{
	size_t count;
	const struct report_option *table = report_option_table(&count);

	if (i < count)
		return table[i].name;
	if (i < count + GROUP_COUNT)
		return groups[i - count].name;
	return i == count + GROUP_COUNT ? "output" : NULL;
}

const char *shell_options_choice(struct str name, size_t i)
{
	size_t count;
	const struct report_option *table = report_option_table(&count);
	const struct group *group = find_group(name);

	for (size_t row = 0; group != NULL && row < count; row++) {
		if (table[row].kind == group->kind && i-- == 0)
			return table[row].name;
	}
	return NULL;
}

static bool is_truth(const struct report_option *option)
{
	return option->kind == OPTION_BOOL || option->kind == OPTION_SORT ||
	       option->kind == OPTION_GRANULARITY;
}

bool shell_options_is_truth(struct str name)
{
	const struct report_option *option = report_option_find(name);

	return option != NULL && is_truth(option);
}

bool shell_options_has_help(struct str name)
{
	return report_option_find(name) != NULL || is_output(name);
}

static bool parse_truth(struct str value, bool *out, struct error *err)
{
	static const char *const words[] = { "",  "1", "t",     "true", "y", "yes",
					     "0", "f", "false", "n",    "no" };
	enum { TRUE_WORDS = 6, ALL_WORDS = 11 };

	for (size_t i = 0; i < ALL_WORDS; i++) {
		if (value.n == strlen(words[i]) &&
		    (value.n == 0 || strncasecmp(value.p, words[i], value.n) == 0)) {
			*out = i < TRUE_WORDS;
			return true;
		}
	}
	return error_set(err, ERROR_USAGE, "illegal value \"%.*s\" for bool variable",
			 (int)value.n, value.p);
}

static bool set_truth(const struct report_option *option, struct str value,
		      struct report_options *options, struct error *err)
{
	bool is_set = false;

	if (!parse_truth(value, &is_set, err))
		return false;
	if (!is_set && option->kind != OPTION_BOOL)
		return error_set(err, ERROR_USAGE,
				 "%s is a choice: set another of its kind instead",
				 option->name);
	return report_option_set(option, is_set ? STR("true") : STR("false"), options,
				 err);
}

// The name of the type is kept, whether it was given or its number.
static bool set_sample_index(struct shell *shell, struct str value, struct error *err)
{
	const struct profile *profile = shell->profile;
	size_t column;

	if (!value_column(profile, value, &column, err))
		return false;
	shell->settings.options.sample_index =
		profile_string(profile, profile->types[column].type);
	return true;
}

static bool set_option(struct shell *shell, const struct report_option *option,
		       struct str value, struct error *err)
{
	struct report_options *options = &shell->settings.options;

	if (is_truth(option))
		return set_truth(option, value, options, err);
	if (str_equal(str_from(option->name), STR("sample_index")))
		return set_sample_index(shell, value, err);
	if (report_option_set(option, str_copy(&shell->arena, value), options, err))
		return true;
	return error_set(err, ERROR_USAGE, "invalid value \"%.*s\" for %s: not a number",
			 (int)value.n, value.p, option->name);
}

static bool set_group(struct shell *shell, const struct group *group, struct str value,
		      struct error *err)
{
	const struct report_option *option = report_option_find(value);

	if (option != NULL && option->kind == group->kind)
		return report_option_set(option, STR("true"), &shell->settings.options,
					 err);
	return error_set(err, ERROR_USAGE, "invalid \"%s\" value \"%.*s\"", group->name,
			 (int)value.n, value.p);
}

static bool set(struct shell *shell, struct str name, struct str value, struct error *err)
{
	const struct report_option *option = report_option_find(name);

	if (option != NULL)
		return set_option(shell, option, value, err);
	if (!is_output(name))
		return set_group(shell, find_group(name), value, err);
	shell->settings.output = str_terminated(&shell->arena, value);
	return true;
}

static struct str without_comment(struct str value)
{
	for (size_t i = value.n; i-- > 0;) {
		if (str_starts_with(str_after(value, i), STR("//:")))
			return str_trim(str_slice(value, 0, i));
	}
	return str_trim(value);
}

enum shell_assignment shell_options_assign(struct shell *shell, struct str line,
					   struct error *err)
{
	ptrdiff_t equals = str_find_char(line, '=');
	bool has_value = equals != STR_NOT_FOUND;
	size_t end = has_value ? (size_t)equals : line.n;
	struct str name = str_trim(str_slice(line, 0, end));
	struct str value = without_comment(str_after(line, end + 1));

	if (!shell_options_has_help(name) && find_group(name) == NULL)
		return SHELL_NO_ASSIGNMENT;
	if (!has_value && !shell_options_is_truth(name)) {
		(void)error_set(err, ERROR_USAGE,
				"please specify a value, e.g. %.*s=<val>", (int)name.n,
				name.p);
		return SHELL_NOT_ASSIGNED;
	}
	return set(shell, name, value, err) ? SHELL_ASSIGNED : SHELL_NOT_ASSIGNED;
}

// The shortest digits that read back as the same number.
static struct str number_words(struct arena *arena, double value)
{
	double size = value < 0 ? -value : value;
	bool is_plain = size == 0 || (size >= 1e-4 && size < 1e21);
	char text[NUMBER_SIZE] = "";

	for (int digits = 0; digits <= 20; digits++) {
		snprintf(text, sizeof(text), is_plain ? "%.*f" : "%.*e", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return str_format(arena, "%s", text);
}

static struct str value_words(const struct shell *shell, struct arena *arena,
			      const struct report_option *option)
{
	const void *member = (const char *)&shell->settings.options + option->offset;

	switch (option->kind) {
	case OPTION_BOOL:
	case OPTION_SORT:
	case OPTION_GRANULARITY:
		return *(const bool *)member ? STR("true") : STR("false");
	case OPTION_INT:
		return str_format(arena, "%" PRId64, *(const int64_t *)member);
	case OPTION_DOUBLE:
		return number_words(arena, *(const double *)member);
	case OPTION_STRING:
		return *(const struct str *)member;
	}
	return STR("");
}

static struct str line_words(struct arena *arena, const char *name, struct str value,
			     struct str comment)
{
	if (value.n == 0)
		value = STR("\"\"");
	return str_format(arena, "  %-25s = %-20.*s %s%.*s", name, (int)value.n, value.p,
			  comment.n > 0 ? "//: " : "", (int)comment.n, comment.p);
}

static struct str sample_index_line(const struct shell *shell, struct arena *arena)
{
	const struct profile *profile = shell->profile;
	struct str value = shell->settings.options.sample_index;
	struct writer types = writer_to_memory();
	struct error err = { 0 };
	struct str line;
	size_t column;

	if (value.n == 0 && value_column(profile, value, &column, &err))
		value = profile_string(profile, profile->types[column].type);
	for (size_t i = 0; i < profile->type_count; i++) {
		writer_text(&types, i == 0 ? "[" : " | ");
		writer_str(&types, profile_string(profile, profile->types[i].type));
	}
	writer_char(&types, ']');
	line = line_words(arena, "sample_index", value, writer_contents(&types));
	writer_deinit(&types);
	return line;
}

static struct str option_line(const struct shell *shell, struct arena *arena,
			      const struct report_option *option)
{
	struct str value = value_words(shell, arena, option);
	struct str name = str_from(option->name);
	bool is_default =
		str_equal(name, STR("nodecount")) && str_equal(value, STR("-1"));

	if (str_equal(name, STR("sample_index")))
		return sample_index_line(shell, arena);
	return line_words(arena, option->name, value,
			  is_default ? STR("default") : STR(""));
}

static bool is_chosen(const struct shell *shell, const struct report_option *option)
{
	const struct report_options *options = &shell->settings.options;

	return option->choice == (option->kind == OPTION_SORT
					  ? (int)options->sort
					  : (int)options->granularity);
}

static struct str group_line(const struct shell *shell, struct arena *arena,
			     const struct group *group)
{
	struct str value = STR("(default)"), line;
	struct writer choices = writer_to_memory();
	const char *name;

	for (size_t i = 0;
	     (name = shell_options_choice(str_from(group->name), i)) != NULL; i++) {
		writer_format(&choices, "%s%s", i == 0 ? "[" : " | ", name);
		if (is_chosen(shell, report_option_find(str_from(name))))
			value = str_from(name);
	}
	writer_char(&choices, ']');
	line = line_words(arena, group->name, value, writer_contents(&choices));
	writer_deinit(&choices);
	return line;
}

static int compare_lines(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

void shell_options_print(const struct shell *shell)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	size_t option_count, count = 0;
	const struct report_option *table = report_option_table(&option_count);
	struct str *lines =
		arena_array(&scratch, option_count + GROUP_COUNT + 1, sizeof(*lines));

	for (size_t i = 0; i < option_count; i++) {
		// Choices show with their group; pprof keeps the search path to itself.
		if (table[i].kind != OPTION_SORT && table[i].kind != OPTION_GRANULARITY &&
		    !str_equal(str_from(table[i].name), STR("source_path")))
			lines[count++] = option_line(shell, &scratch, &table[i]);
	}
	for (size_t i = 0; i < GROUP_COUNT; i++)
		lines[count++] = group_line(shell, &scratch, &groups[i]);
	lines[count++] =
		line_words(&scratch, "output", str_from(shell->settings.output), STR(""));
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%.*s\n", (int)lines[i].n, lines[i].p);
}
