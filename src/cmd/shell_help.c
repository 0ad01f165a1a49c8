// Everything is told from the tables of formats and options.
#include "cmd/shell_help.h"

#include <stdio.h>

#include "cmd/shell_options.h"
#include "profile/profile.h"
#include "report/format.h"
#include "report/options.h"

static void print_row(const char *name, const char *help)
{
	fprintf(stderr, "    %-16s %s\n", name, help);
}

static void print_commands(void)
{
	size_t count;
	const struct report_format *formats = report_format_table(&count);

	fprintf(stderr, "  Commands:\n");
	for (size_t i = 0; i < count; i++)
		print_row(formats[i].name, formats[i].help);
	print_row("o/options", "List options and their current values");
	print_row("q/quit/exit/^D", "Leave the shell");
}

static bool is_choice(const struct report_option *option)
{
	return option->kind == OPTION_SORT || option->kind == OPTION_GRANULARITY;
}

static void print_options(void)
{
	size_t count;
	const struct report_option *options = report_option_table(&count);

	fprintf(stderr, "\n  Options:\n");
	for (size_t i = 0; i < count; i++) {
		if (!is_choice(&options[i]))
			print_row(options[i].name, options[i].help);
	}
	print_row("output", "File to write reports to");
}

static void print_group(const char *group)
{
	const char *name;

	fprintf(stderr, "    %s\n", group);
	for (size_t i = 0; (name = shell_options_choice(str_from(group), i)) != NULL; i++)
		fprintf(stderr, "      %-16s %s\n", name,
			report_option_find(str_from(name))->help);
}

static void print_macros(const struct profile *profile)
{
	fprintf(stderr, "\n  Short for several options:\n");
	print_row(":", "Clear focus, ignore, hide, tagfocus and tagignore");
	for (size_t i = 0; i < profile->type_count; i++) {
		struct str type = profile_string(profile, profile->types[i].type);

		fprintf(stderr, "    %.*s, total_%.*s, mean_%.*s\n", (int)type.n, type.p,
			(int)type.n, type.p, (int)type.n, type.p);
	}
}

static void print_all(const struct profile *profile)
{
	print_commands();
	print_options();
	fprintf(stderr, "\n  Option groups (only set one per group):\n");
	print_group("granularity");
	print_group("sort");
	print_macros(profile);
	fprintf(stderr, "\n  type \"help <cmd|option>\" for more information\n");
}

static void print_command(const struct report_format *format)
{
	const char *name = format->name;

	fprintf(stderr, "%s\n  Usage:\n", format->help);
	if (format->kind == REPORT_TAGS) {
		fprintf(stderr,
			"    %s [tag_regex]* [-ignore_regex]* [>file]\n"
			"    Labels that match tag_regex and do not match "
			"ignore_regex.\n",
			name);
		return;
	}
	fprintf(stderr,
		"    %s %s[n] [focus_regex]* [-ignore_regex]* [-cum] [>file]\n"
		"    At most n nodes, of the samples that match focus_regex and do not\n"
		"    match ignore_regex; -cum sorts by the value of a function and all\n"
		"    it calls. For this one report: the options keep their values.\n",
		name, format->has_symbol ? "<func_regex> " : "");
	if (format->suffix != NULL)
		fprintf(stderr,
			"    Without >file it is written to profileNNN.%s in the current "
			"folder.\n",
			format->suffix);
}

static void print_option(const struct profile *profile,
			 const struct report_option *option)
{
	fprintf(stderr, "%s\n", option->help);
	if (!str_equal(str_from(option->name), STR("sample_index")))
		return;
	fprintf(stderr, "One of:");
	for (size_t i = 0; i < profile->type_count; i++) {
		struct str type = profile_string(profile, profile->types[i].type);

		fprintf(stderr, " %.*s", (int)type.n, type.p);
	}
	fputc('\n', stderr);
}

void shell_help_print(const struct profile *profile, struct str topic)
{
	const struct report_format *format = report_format_find(topic);
	const struct report_option *option = report_option_find(topic);

	if (topic.n == 0)
		print_all(profile);
	else if (format != NULL)
		print_command(format);
	else if (option != NULL)
		print_option(profile, option);
	else if (str_equal(topic, STR("output")))
		fprintf(stderr, "File to write reports to\n");
	else
		fprintf(stderr, "Unknown command: %.*s\n", (int)topic.n, topic.p);
}
