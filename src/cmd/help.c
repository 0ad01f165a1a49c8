// goprof help: what there is, and how to use it.
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/report_flags.h"

static const char usage[] = "usage: goprof help [COMMAND | flags]\n"
			    "\n"
			    "Shows how to use a command, or all report flags.\n";

static void print_overview(void)
{
	printf("goprof shows where a native program spends its time.\n"
	       "\n"
	       "  goprof cpu PID                     profile a process, then report it\n"
	       "  goprof cpu -- COMMAND ARGS...      profile a command, then report it\n"
	       "  goprof [report flags] PROFILE      report a profile, as go tool pprof\n"
	       "\n"
	       "Commands:\n");
	for (size_t i = 0; command_table[i] != NULL; i++)
		printf("  %-8s %s\n", command_table[i]->name, command_table[i]->summary);
	printf("\nMore: goprof help COMMAND, goprof help flags\n");
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_overview();
		return 0;
	}
	if (strcmp(argv[1], "flags") == 0) {
		report_flags_print_help();
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
