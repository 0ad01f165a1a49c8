// Reads a line, sets an option or starts a report, and asks for the next.
#include "cmd/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"
#include "cmd/shell_editor.h"
#include "cmd/shell_help.h"
#include "cmd/shell_options.h"
#include "cmd/shell_report.h"
#include "cmd/shell_words.h"
#include "profile/profile.h"
#include "report/format.h"
#include "report/header.h"
#include "report/report.h"

static const char prompt[] = "(pprof) ";

enum answer { SHELL_GOES_ON, SHELL_ENDS };

// What the profile is about, before any filter.
static void greet_about(const struct shell *shell)
{
	const struct report_options *settings = &shell->settings.options;
	struct report_options options = report_options_default();
	struct error err = { 0 };
	struct report report;
	struct header header;

	options.sample_index = settings->sample_index;
	options.unit = settings->unit;
	options.divide_by = settings->divide_by;
	options.mean = settings->mean;
	// Comments are the report that costs least.
	if (!report_compute(shell->profile, report_format_find(STR("comments")), &options,
			    &report, &err))
		return;
	for (size_t i = 0; i < report.warning_count; i++)
		log_warn("%.*s", (int)report.warnings[i].n, report.warnings[i].p);
	header = header_profile(&report, &report.arena);
	for (size_t i = 0; i < header.count; i++)
		fprintf(stderr, "%.*s\n", (int)header.lines[i].n, header.lines[i].p);
	if (report.total == 0 && shell->profile->type_count > 1)
		fprintf(stderr,
			"No samples were found with the default sample value type.\n"
			"Try \"sample_index\" command to analyze different sample "
			"values.\n");
	report_request_tell_names(&report);
	report_deinit(&report);
}

static void greet(const struct shell *shell)
{
	greet_about(shell);
	fprintf(stderr,
		"Entering interactive mode (type \"help\" for commands, \"o\" for "
		"options)\n");
}

static void clear_filters(struct report_options *options)
{
	options->focus = options->ignore = options->hide = STR("");
	options->tag_focus = options->tag_ignore = STR("");
}

// The name of a kind of value chooses it; total_ and mean_ before it say how.
static bool choose_type(struct shell *shell, struct str line)
{
	struct report_options *options = &shell->settings.options;
	const struct profile *profile = shell->profile;

	for (size_t i = 0; i < profile->type_count; i++) {
		struct str type = profile_string(profile, profile->types[i].type);
		bool is_named = type.n > 0 && str_ends_with(line, type);
		struct str prefix = str_slice(line, 0, is_named ? line.n - type.n : 0);

		if (!is_named || (prefix.n > 0 && !str_equal(prefix, STR("total_")) &&
				  !str_equal(prefix, STR("mean_"))))
			continue;
		if (prefix.n > 0)
			options->mean = prefix.p[0] == 'm';
		options->sample_index = type;
		return true;
	}
	return false;
}

static void run_command(struct shell *shell, struct str line)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct report_request request;
	struct error err = { 0 };

	if (shell_words_parse(line, &shell->settings, &scratch, &request, &err))
		shell_report_run(shell->profile, &request);
	else
		fprintf(stderr, "%s\n", err.text);
}

static bool is_any_of(struct str word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (str_equal(word, str_from(*words)))
			return true;
	}
	return false;
}

// What is neither an option nor a macro.
static enum answer obey(struct shell *shell, struct str line)
{
	static const char *const ends[] = { "exit", "quit", "q", NULL };
	static const char *const lists[] = { "o", "options", NULL };
	struct str rest = line, word = shell_words_next(&rest);

	if (is_any_of(word, ends))
		return SHELL_ENDS;
	if (is_any_of(word, lists))
		shell_options_print(shell);
	else if (str_equal(word, STR("help")))
		shell_help_print(shell->profile, str_trim(rest));
	else if (word.n > 0)
		run_command(shell, line);
	return SHELL_GOES_ON;
}

static enum answer answer(struct shell *shell, struct str line)
{
	struct error err = { 0 };

	line = str_trim(line);
	if (str_equal(line, STR(":"))) {
		clear_filters(&shell->settings.options);
		return SHELL_GOES_ON;
	}
	if (choose_type(shell, line))
		return SHELL_GOES_ON;
	switch (shell_options_assign(shell, line, &err)) {
	case SHELL_NO_ASSIGNMENT:
		return obey(shell, line);
	case SHELL_NOT_ASSIGNED:
		fprintf(stderr, "%s\n", err.text);
		break;
	case SHELL_ASSIGNED:
		break;
	}
	return SHELL_GOES_ON;
}

static void read_from_terminal(struct shell *shell, struct shell_editor *editor)
{
	struct str line;

	while (shell_editor_next(editor, &line)) {
		if (answer(shell, line) == SHELL_ENDS)
			break;
	}
	shell_editor_close(editor);
}

static void read_from_stream(struct shell *shell)
{
	CLEANUP_FREE char *buffer = NULL;
	size_t capacity = 0;
	bool is_first = true;

	for (;; is_first = false) {
		ssize_t length;

		fputs(prompt, stdout);
		fflush(stdout);
		length = getline(&buffer, &capacity, stdin);
		if (length < 0)
			break;
		if (answer(shell, (struct str){ buffer, (size_t)length }) == SHELL_ENDS)
			return;
	}
	if (is_first && !isatty(STDIN_FILENO))
		log_info("no commands on standard input: `goprof -top FILE` prints a "
			 "table without the shell");
}

static bool is_editable(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && terminal != NULL &&
	       *terminal != '\0' && strcasecmp(terminal, "dumb") != 0;
}

void shell_run(struct profile *profile, const struct report_request *request)
{
	struct shell shell = { .profile = profile, .settings = *request };
	struct shell_editor *editor = NULL;

	shell.settings.options.compact_labels = true;
	shell.settings.is_in_shell = true;
	greet(&shell);
	if (is_editable())
		editor = shell_editor_open(profile, prompt);
	if (editor != NULL)
		read_from_terminal(&shell, editor);
	else
		read_from_stream(&shell);
	arena_deinit(&shell.arena);
}
