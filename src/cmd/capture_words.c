// Takes words one at a time: our own options, then the report's, else a source.
#include "cmd/capture_words.h"

#include <string.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/str.h"
#include "cmd/option_word.h"
#include "report/format.h"

enum { RATE_MAX = 1000 };

static bool parse_debug(const char *value, int *out, struct error *err)
{
	int64_t level;

	if (value == NULL || !str_to_i64(str_from(value), 10, &level) || level < 0 ||
	    level > 2)
		return error_set(err, ERROR_USAGE,
				 "--debug wants 0 (a profile), 1 or 2 (text as Go writes "
				 "it), not %s",
				 value == NULL ? "nothing" : value);
	*out = (int)level;
	return true;
}

static bool take_duration(const char *name, const char *value, int64_t *out,
			  struct error *err)
{
	if (value != NULL && duration_parse(str_from(value), out))
		return true;
	return error_set(err, ERROR_USAGE, "--%s wants a time such as 5m or 90s, not %s",
			 name, value == NULL ? "nothing" : value);
}

static bool take_text(const char *name, const char *value, struct str *out,
		      struct error *err)
{
	*out = str_from(value);
	return out->n > 0 || error_set(err, ERROR_USAGE, "--%s wants a value", name);
}

// The options of the kind goroutine.
static bool take_goroutine_option(struct capture_goroutine_options *options, int argc,
				  char **argv, int *at, bool *is_taken, struct error *err)
{
	const char *value;

	*is_taken = true;
	if (option_word_value(argc, argv, at, "state", &value))
		return take_text("state", value, &options->state, err);
	if (option_word_value(argc, argv, at, "created-by", &value))
		return take_text("created-by", value, &options->created_by, err);
	if (option_word_value(argc, argv, at, "label", &value))
		return take_text("label", value, &options->label, err);
	if (option_word_value(argc, argv, at, "waiting-over", &value))
		return take_duration("waiting-over", value, &options->waiting_over_ns,
				     err);
	if (option_word_value(argc, argv, at, "stop-limit", &value))
		return take_duration("stop-limit", value, &options->stop_limit_ns, err);
	*is_taken = option_word_switch(argv, at, "stop", &options->is_stopped) ||
		    option_word_switch(argv, at, "sample", &options->is_sampled) ||
		    option_word_switch(argv, at, "system", &options->with_system);
	return true;
}

static bool is_heap(const char *kind)
{
	return strcmp(kind, "heap") == 0 || strcmp(kind, "allocs") == 0;
}

static bool is_sampled(const char *kind)
{
	return is_heap(kind) || strcmp(kind, "block") == 0 || strcmp(kind, "mutex") == 0;
}

// --enable or --enable=RATE; a word behind it is the source.
static bool take_enable(struct capture_sampled_options *options, char **argv, int *at,
			bool *is_taken, struct error *err)
{
	struct str word = str_from(argv[*at]), name = STR("--enable=");

	*is_taken = true;
	if (option_word_switch(argv, at, "enable", &options->is_enabled))
		return true;
	if (!str_starts_with(word, name)) {
		*is_taken = false;
		return true;
	}
	options->is_enabled = true;
	(*at)++;
	return (str_to_u64(str_after(word, name.n), 10, &options->rate) &&
		options->rate > 0 && options->rate < 1u << 31) ||
	       error_set(err, ERROR_USAGE,
			 "--enable= wants a whole rate above 0, as the runtime's own "
			 "function takes it");
}

// The options of the kinds that a Go runtime samples.
static bool take_sampled_option(struct capture_words *words, char **argv, int *at,
				bool *is_taken, struct error *err)
{
	struct capture_sampled_options *options = &words->options.sampled;

	if (!take_enable(options, argv, at, is_taken, err))
		return false;
	if (!*is_taken && is_heap(words->kind))
		*is_taken = option_word_switch(argv, at, "live", &options->is_live) ||
			    option_word_switch(argv, at, "gc", &options->collects);
	return true;
}

static bool take_wall_option(struct capture_options *options, int argc, char **argv,
			     int *at, bool *is_taken, struct error *err)
{
	const char *value;
	uint64_t rate;

	*is_taken = true;
	if (option_word_value(argc, argv, at, "rate", &value)) {
		if (value == NULL || !str_to_u64(str_from(value), 10, &rate) ||
		    rate < 1 || rate > RATE_MAX)
			return error_set(err, ERROR_USAGE,
					 "--rate wants a number from 1 to %d, not %s",
					 RATE_MAX, value == NULL ? "nothing" : value);
		options->rate_hz = (uint32_t)rate;
		return true;
	}
	*is_taken = option_word_switch(argv, at, "hide-idle", &options->hides_idle);
	return true;
}

static bool take_own_option(struct capture_words *words, int argc, char **argv, int *at,
			    bool *is_taken, struct error *err)
{
	const char *value;

	*is_taken = true;
	if (option_word_value(argc, argv, at, "seconds", &value))
		return option_word_seconds(value, &words->options.seconds, err);
	if (option_word_value(argc, argv, at, "debug", &value))
		return parse_debug(value, &words->debug, err);
	if (option_word_value(argc, argv, at, "o", &words->output) ||
	    option_word_value(argc, argv, at, "output", &words->output))
		return words->output != NULL ||
		       error_set(err, ERROR_USAGE, "-o wants the name of a file");
	if (strcmp(words->kind, "leaks") == 0 &&
	    option_word_switch(argv, at, "snapshot", &words->options.goroutine.is_copied))
		return true;
	if (strcmp(words->kind, "goroutine") == 0 || strcmp(words->kind, "leaks") == 0)
		return take_goroutine_option(&words->options.goroutine, argc, argv, at,
					     is_taken, err);
	if (strcmp(words->kind, "wall") == 0)
		return take_wall_option(&words->options, argc, argv, at, is_taken, err);
	if (is_sampled(words->kind))
		return take_sampled_option(words, argv, at, is_taken, err);
	*is_taken = false;
	return true;
}

static bool refuse_flag(const struct capture_words *words, const char *word,
			struct error *err)
{
	const char *near = report_flags_suggest(word);

	if (near == NULL)
		return error_set(err, ERROR_USAGE,
				 "%s: no such option: try goprof help %s", word,
				 words->kind);
	return error_set(err, ERROR_USAGE, "%s: no such option: did you mean -%s?", word,
			 near);
}

static bool take_source(struct capture_words *words, const char *word, struct error *err)
{
	if (words->source == NULL) {
		words->source = word;
		return true;
	}
	if (words->binary == NULL) {
		words->binary = word;
		return true;
	}
	return error_set(err, ERROR_USAGE,
			 "%s: one source at a time, and a binary behind a core file",
			 word);
}

static bool take_word(struct capture_words *words, int argc, char **argv, int *at,
		      struct error *err)
{
	bool is_taken;

	if (!take_own_option(words, argc, argv, at, &is_taken, err))
		return false;
	if (is_taken)
		return true;
	switch (report_flags_take(&words->flags, argc, argv, at, err)) {
	case REPORT_FLAG_TAKEN:
		return true;
	case REPORT_FLAG_WRONG:
		return false;
	case REPORT_FLAG_UNKNOWN:
		return refuse_flag(words, argv[*at], err);
	case REPORT_FLAG_NONE:
		break;
	}
	return take_source(words, argv[(*at)++], err);
}

bool capture_words_is_moment(const struct capture_words *words)
{
	return strcmp(words->kind, "goroutine") == 0 ||
	       strcmp(words->kind, "threadcreate") == 0;
}

// A command that has just begun has nothing to show yet, and one that has ended no more.
static bool take_command(struct capture_words *words, char **argv, struct error *err)
{
	if (argv[0] == NULL)
		return error_set(err, ERROR_USAGE, "there is no command behind --");
	if (words->source != NULL)
		return error_set(err, ERROR_USAGE,
				 "either a process or -- and a command, not both");
	if (strcmp(words->kind, "wall") != 0 && words->options.seconds == 0)
		return error_set(
			err, ERROR_USAGE,
			"when in the life of a command should %s be taken? Say "
			"--seconds N to take it N seconds after its start, or start the "
			"command by itself and pass its process id",
			words->kind);
	words->command = argv;
	words->source = argv[0];
	return true;
}

bool capture_words_parse(struct capture_words *words, int argc, char **argv,
			 struct error *err)
{
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0) {
		if (!take_word(words, argc, argv, &at, err))
			return false;
	}
	if (at < argc && !take_command(words, argv + at + 1, err))
		return false;
	if (words->source == NULL)
		return error_set(err, ERROR_USAGE,
				 "%s wants a process id, a process name, a core file or "
				 "a URL: try goprof help %s",
				 words->kind, words->kind);
	if (!report_flags_finish(&words->flags, err))
		return false;
	words->is_json = words->debug > 0 && words->flags.request.format != NULL &&
			 strcmp(words->flags.request.format->name, "json") == 0;
	if (words->debug > 0 && words->flags.request.format != NULL && !words->is_json)
		return error_set(err, ERROR_USAGE,
				 "--debug=%d is a text of its own: leave out -%s",
				 words->debug, words->flags.request.format->name);
	return true;
}
