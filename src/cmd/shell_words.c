// The rules are pprof's: numbers are node counts, words focus, -words ignore.
#include "cmd/shell_words.h"

#include "base/arena.h"
#include "base/error.h"
#include "cmd/report_request.h"
#include "cmd/shell_options.h"
#include "report/format.h"

enum { DEFAULT_ROWS = 10 };

// A command being read.
struct words {
	struct str rest; // of the line
	struct str focus, ignore;
	struct arena *arena;
	struct report_request *request;
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str shell_words_next(struct str *rest)
{
	struct str word = *rest;
	size_t length = 0;

	while (word.n > 0 && is_space(word.p[0]))
		word = str_after(word, 1);
	while (length < word.n && !is_space(word.p[length]))
		length++;
	*rest = str_after(word, length);
	return str_slice(word, 0, length);
}

static struct str without_digits(struct str word)
{
	while (word.n > 0 && word.p[word.n - 1] >= '0' && word.p[word.n - 1] <= '9')
		word.n--;
	return word;
}

const struct report_format *shell_words_format(struct str word)
{
	const struct report_format *format = report_format_find(word);

	return format != NULL ? format : report_format_find(without_digits(word));
}

static bool refuse_command(struct str name, struct str next, struct error *err)
{
	if (!shell_options_has_help(name))
		return error_set(err, ERROR_USAGE, "unrecognized command: \"%.*s\"",
				 (int)name.n, name.p);
	if (next.n == 0)
		next = STR("<val>");
	return error_set(err, ERROR_USAGE, "did you mean: %.*s=%.*s", (int)name.n, name.p,
			 (int)next.n, next.p);
}

// The command; digits behind its name become the first of its arguments.
static bool take_command(struct words *words, struct error *err)
{
	struct str name = shell_words_next(&words->rest);
	struct str stem = without_digits(name), digits = str_after(name, stem.n);
	const struct report_format *format = shell_words_format(name);

	if (report_format_find(name) == NULL && stem.n > 0 && digits.n > 0) {
		words->rest = str_format(words->arena, "%.*s %.*s", (int)digits.n,
					 digits.p, (int)words->rest.n, words->rest.p);
		name = stem;
	}
	if (format == NULL)
		return refuse_command(name, shell_words_next(&words->rest), err);
	words->request->format = format;
	if (!format->has_symbol)
		return true;
	words->request->options.symbol = shell_words_next(&words->rest);
	if (words->request->options.symbol.n > 0)
		return true;
	return error_set(err, ERROR_USAGE, "command %s requires an argument",
			 format->name);
}

static void either(struct words *words, struct str *pattern, struct str more)
{
	if (pattern->n > 0 && more.n > 0)
		*pattern = str_format(words->arena, "%.*s|%.*s", (int)pattern->n,
				      pattern->p, (int)more.n, more.p);
	else if (more.n > 0)
		*pattern = str_copy(words->arena, more);
}

static bool take_output(struct words *words, struct str path, struct error *err)
{
	if (path.n == 0)
		path = shell_words_next(&words->rest);
	if (path.n == 0)
		return error_set(err, ERROR_USAGE, "unexpected end of line after >");
	words->request->output = str_terminated(words->arena, path);
	return true;
}

static bool take_argument(struct words *words, struct str word, struct error *err)
{
	struct report_options *options = &words->request->options;
	int64_t number;

	if (str_to_i64(word, 10, &number) && number >= INT32_MIN && number <= INT32_MAX)
		options->node_count = number;
	else if (word.p[0] == '>')
		return take_output(words, str_after(word, 1), err);
	else if (str_equal(word, STR("-cum")) || str_equal(word, STR("--cum")))
		options->sort = SORT_CUM;
	else if (word.p[0] == '-')
		either(words, &words->ignore, str_after(word, 1));
	else
		either(words, &words->focus, word);
	return true;
}

static void apply(const struct words *words, struct report_request *request)
{
	struct report_options *options = &request->options;
	enum report_kind kind = request->format->kind;

	if (words->focus.n > 0)
		*(kind == REPORT_TAGS ? &options->tag_focus : &options->focus) =
			words->focus;
	if (words->ignore.n > 0)
		*(kind == REPORT_TAGS ? &options->tag_ignore : &options->ignore) =
			words->ignore;
	if (options->node_count == -1 && kind == REPORT_TEXT)
		options->node_count = DEFAULT_ROWS;
}

bool shell_words_parse(struct str line, const struct report_request *settings,
		       struct arena *arena, struct report_request *out, struct error *err)
{
	struct report_request request = *settings;
	struct words words = { .rest = line, .arena = arena, .request = &request };
	struct str word;

	if (!take_command(&words, err))
		return false;
	while ((word = shell_words_next(&words.rest)).n > 0) {
		if (!take_argument(&words, word, err))
			return false;
	}
	apply(&words, &request);
	*out = request;
	return true;
}
