// goprof help: what there is, and how to use it.
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/manual.h"
#include "cmd/report_flags.h"

static const char usage[] =
	"usage: goprof help [COMMAND | flags | --man | --completion]\n"
	"\n"
	"Shows how to use a command, or all report flags; --man and\n"
	"--completion print the man page and a completion for bash.\n";

struct flag_help {
	struct report_flag_visitor visitor;
	bool is_behind_reports;
};

static void print_flag(struct report_flag_visitor *visitor,
		       const struct report_flag_row *row)
{
	struct flag_help *help = (struct flag_help *)visitor;
	char flag[80];

	if (!row->is_report && !help->is_behind_reports)
		printf("\n  Options:\n");
	help->is_behind_reports = !row->is_report;
	snprintf(flag, sizeof(flag), "-%s%s%s", row->name, row->value == NULL ? "" : "=",
		 row->value == NULL ? "" : row->value);
	printf("    %-24s %s\n", flag, row->help);
}

static void print_flags(void)
{
	struct flag_help help = { { print_flag }, false };

	printf("  Reports (one at most):\n");
	report_flags_visit(&help.visitor);
}

static void print_overview(void)
{
	printf("goprof shows where a native program spends its time.\n"
	       "\n"
	       "  goprof cpu PID                     profile a process, then report it\n"
	       "  goprof cpu -- COMMAND ARGS...      profile a command, then report it\n"
	       "  goprof [report flags] PROFILE      report a profile, as go tool pprof\n"
	       "  goprof PROFILE                     ask for many reports in a shell\n"
	       "\n"
	       "Commands:\n");
	for (size_t i = 0; command_table[i] != NULL; i++)
		printf("  %-12s %s\n", command_table[i]->name, command_table[i]->summary);
	printf("\nMore: goprof help COMMAND, goprof help flags\n");
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_overview();
		return 0;
	}
	if (strcmp(argv[1], "flags") == 0) {
		print_flags();
		return 0;
	}
	if (strcmp(argv[1], "--man") == 0) {
		manual_print_page();
		return 0;
	}
	if (strcmp(argv[1], "--completion") == 0) {
		manual_print_completion();
		return 0;
	}
	for (size_t i = 0; command_table[i] != NULL; i++) {
		if (strcmp(argv[1], command_table[i]->name) != 0)
			continue;
		fputs(command_table[i]->usage, stdout);
		return 0;
	}
	fprintf(stderr, "goprof: %s: no such command: try goprof help\n", argv[1]);
	return 2;
}

const struct command command_help = {
	.name = "help",
	.summary = "show how to use a command",
	.usage = usage,
	.run = run,
};
