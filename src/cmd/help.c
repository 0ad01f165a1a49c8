// `goprof help`: the commands, the reports and their options.
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/report_flags.h"

static int run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("goprof shows where a program spends its time, memory and waiting.\n"
	       "\n"
	       "  goprof [report] [options] [binary] SOURCE...   read profiles\n"
	       "  goprof help                                    this text\n"
	       "\n");
	report_flags_print_help();
	return 0;
}

const struct command command_help = {
	.name = "help",
	.summary = "List commands, reports and options",
	.usage = "goprof help",
	.run = run,
};
