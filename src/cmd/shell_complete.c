// Candidates are collected from the tables; what they have in common is inserted.
#include "cmd/shell_complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "cmd/shell_options.h"
#include "cmd/shell_words.h"
#include "profile/profile.h"
#include "report/format.h"

// Candidates being collected for one word.
struct search {
	struct arena *scratch;
	struct str word; // without escapes
	bool is_pattern; // what is found is inserted as a regular expression
	struct shell_candidate *found;
	size_t count, capacity;
};

static void add(struct search *search, struct str name, char suffix)
{
	if (search->count == search->capacity) {
		size_t capacity = search->capacity * 2 + 16;
		struct shell_candidate *more =
			arena_array(search->scratch, capacity, sizeof(*more));

		if (search->count > 0)
			memcpy(more, search->found, search->count * sizeof(*more));
		search->found = more;
		search->capacity = capacity;
	}
	search->found[search->count++] = (struct shell_candidate){ name, suffix };
}

static void offer(struct search *search, struct str name, char suffix)
{
	if (str_starts_with(name, search->word))
		add(search, name, suffix);
}

enum naming { NAMES_TO_RUN, NAMES_TO_EXPLAIN };

static void offer_macros(struct search *search, const struct profile *profile)
{
	for (size_t i = 0; i < profile->type_count; i++) {
		struct str type = profile_string(profile, profile->types[i].type);

		offer(search, type, 0);
		offer(search,
		      str_format(search->scratch, "total_%.*s", (int)type.n, type.p), 0);
		offer(search,
		      str_format(search->scratch, "mean_%.*s", (int)type.n, type.p), 0);
	}
}

static void offer_names(struct search *search, const struct profile *profile,
			enum naming naming)
{
	static const char *const words[] = { "exit", "options", "quit" };
	size_t count;
	const struct report_format *formats = report_format_table(&count);
	const char *name;

	for (size_t i = 0; i < count; i++)
		offer(search, str_from(formats[i].name), ' ');
	for (size_t i = 0; (name = shell_options_name(i)) != NULL; i++) {
		bool is_alone = naming == NAMES_TO_EXPLAIN ||
				shell_options_is_truth(str_from(name));

		offer(search, str_from(name), is_alone ? 0 : '=');
	}
	if (naming == NAMES_TO_EXPLAIN)
		return;
	offer(search, STR("help"), ' ');
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		offer(search, str_from(words[i]), 0);
	offer_macros(search, profile);
}

static void offer_values(struct search *search, const struct profile *profile,
			 struct str option)
{
	const char *choice;

	for (size_t i = 0; (choice = shell_options_choice(option, i)) != NULL; i++)
		offer(search, str_from(choice), 0);
	for (size_t i = 0;
	     str_equal(option, STR("sample_index")) && i < profile->type_count; i++)
		offer(search, profile_string(profile, profile->types[i].type), 0);
	if (!shell_options_is_truth(option))
		return;
	offer(search, STR("false"), 0);
	offer(search, STR("true"), 0);
}

static int compare_strings(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

// Control characters in a name would be keys to the terminal.
static bool is_typeable(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
			return false;
	}
	return name.n > 0;
}

static void list_functions(struct shell_completer *completer)
{
	const struct profile *profile = completer->profile;
	struct str *names = table_zeroed(profile->function_count + 1, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < profile->function_count; i++)
		names[i] = profile_string(profile, profile->functions[i].name);
	qsort(names, profile->function_count, sizeof(*names), compare_strings);
	for (size_t i = 0; i < profile->function_count; i++) {
		if (is_typeable(names[i]) &&
		    (count == 0 || !str_equal(names[i], names[count - 1])))
			names[count++] = names[i];
	}
	completer->functions = names;
	completer->function_count = count;
}

void shell_completer_deinit(struct shell_completer *completer)
{
	free(completer->functions);
	*completer = (struct shell_completer){ 0 };
}

static void offer_functions(struct search *search, struct shell_completer *completer)
{
	if (completer->functions == NULL)
		list_functions(completer);
	for (size_t i = 0; i < completer->function_count; i++)
		offer(search, completer->functions[i], ' ');
	if (search->count > 0)
		return;
	for (size_t i = 0; i < completer->function_count; i++) {
		if (str_find(completer->functions[i], search->word) != STR_NOT_FOUND)
			add(search, completer->functions[i], ' ');
	}
}

// A pattern that matches the name alone; blanks would end the word.
static struct str escaped(struct arena *arena, struct str name)
{
	struct writer w = writer_to_memory();
	struct str pattern;

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == ' ') {
			writer_text(&w, "\\s");
			continue;
		}
		if (strchr("\\.+*?()|[]{}^$", name.p[i]) != NULL)
			writer_char(&w, '\\');
		writer_char(&w, name.p[i]);
	}
	pattern = str_copy(arena, writer_contents(&w));
	writer_deinit(&w);
	return pattern;
}

static struct str unescaped(struct arena *arena, struct str pattern)
{
	struct writer w = writer_to_memory();
	struct str name;

	for (size_t i = 0; i < pattern.n; i++) {
		bool is_escaped = pattern.p[i] == '\\' && i + 1 < pattern.n;

		i += is_escaped;
		writer_char(&w, is_escaped && pattern.p[i] == 's' ? ' ' : pattern.p[i]);
	}
	name = str_copy(arena, writer_contents(&w));
	writer_deinit(&w);
	return name;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct shell_candidate *one = a, *other = b;

	return str_compare(one->name, other->name);
}

static struct str common_start(const struct search *search)
{
	struct str common = search->found[0].name;

	for (size_t i = 1; i < search->count; i++) {
		struct str name = search->found[i].name;
		size_t same = 0;

		while (same < common.n && same < name.n && common.p[same] == name.p[same])
			same++;
		common.n = same;
	}
	// Not in the middle of a letter.
	while (common.n > 0 && common.n < search->found[0].name.n &&
	       (common.p[common.n] & 0xc0) == 0x80)
		common.n--;
	return common;
}

static struct str last_word(struct str line)
{
	size_t from = line.n;

	while (from > 0 && line.p[from - 1] != ' ' && line.p[from - 1] != '\t')
		from--;
	return str_after(line, from);
}

// The first word: a name, or a name, '=' and the value to be completed.
static void search_settings(struct search *search, const struct profile *profile,
			    struct shell_completion *out)
{
	ptrdiff_t equals = str_find_char(out->word, '=');
	struct str option;

	if (equals == STR_NOT_FOUND) {
		search->word = out->word;
		offer_names(search, profile, NAMES_TO_RUN);
		return;
	}
	option = str_slice(out->word, 0, (size_t)equals);
	out->word = search->word = str_after(out->word, (size_t)equals + 1);
	offer_values(search, profile, option);
}

static void search_functions(struct search *search, struct shell_completer *completer,
			     struct shell_completion *out)
{
	if (str_starts_with(out->word, STR("-")))
		out->word = str_after(out->word, 1);
	search->word = unescaped(search->scratch, out->word);
	search->is_pattern = true;
	offer_functions(search, completer);
}

static void search_line(struct search *search, struct shell_completer *completer,
			struct str line, struct shell_completion *out)
{
	struct str rest = line, first = shell_words_next(&rest);
	const struct report_format *format = shell_words_format(first);

	if (first.p + first.n == out->word.p + out->word.n) {
		search_settings(search, completer->profile, out);
	} else if (str_equal(first, STR("help"))) {
		search->word = out->word;
		offer_names(search, completer->profile, NAMES_TO_EXPLAIN);
	} else if (format != NULL && format->kind != REPORT_TAGS) {
		search_functions(search, completer, out);
	}
}

void shell_complete(struct shell_completer *completer, struct arena *scratch,
		    struct str line, struct shell_completion *out)
{
	struct search search = { .scratch = scratch };
	struct str common;

	*out = (struct shell_completion){ .word = last_word(line) };
	search_line(&search, completer, line, out);
	out->candidates = search.found;
	out->count = search.count;
	out->replacement = out->word;
	if (search.count == 0)
		return;
	qsort(search.found, search.count, sizeof(*search.found), compare_candidates);
	common = common_start(&search);
	if (str_find(common, search.word) == STR_NOT_FOUND)
		return;
	out->replacement = search.is_pattern ? escaped(scratch, common) : common;
	if (search.count == 1 && search.found[0].suffix != 0)
		out->replacement = str_format(scratch, "%.*s%c", (int)out->replacement.n,
					      out->replacement.p, search.found[0].suffix);
}
