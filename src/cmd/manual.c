// Prints the tables of commands and flags as roff and as bash.
#include "cmd/manual.h"

#include <stdio.h>

#include "base/version.h"
#include "cmd/command.h"
#include "cmd/report_flags.h"

// Text for roff: a backslash, and a dot or quote at the start of a line, mean something.
static void print_roff(const char *text)
{
	bool is_line_start = true;

	for (; *text != '\0'; text++) {
		if (is_line_start && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
		is_line_start = *text == '\n';
	}
}

static void print_flag_entry(struct report_flag_visitor *visitor,
			     const struct report_flag_row *row)
{
	(void)visitor;
	printf(".TP\n.B \\-");
	print_roff(row->name);
	if (row->value != NULL)
		printf("=\\fI%s\\fR", row->value);
	putchar('\n');
	print_roff(row->help);
	putchar('\n');
}

void manual_print_page(void)
{
	struct report_flag_visitor visitor = { print_flag_entry };

	printf(".TH GOPROF 1 \"\" \"%s\"\n"
	       ".SH NAME\ngoprof \\- show where a native program spends its time\n"
	       ".SH SYNOPSIS\n"
	       ".B goprof cpu\n.I PID\n.br\n"
	       ".B goprof cpu \\-\\-\n.I COMMAND ARGS...\n.br\n"
	       ".B goprof\n.I [report flags] [BINARY] PROFILE...\n"
	       ".SH DESCRIPTION\n"
	       "A source (a process, a command, a file) gives a profile; a profile gives "
	       "a\n"
	       "report. Without a command word goprof reads profiles as go tool pprof "
	       "does; without a report it reads commands for many of them, from a "
	       "terminal\n"
	       "or from standard input: type help there.\n"
	       ".SH COMMANDS\n",
	       version_text);
	for (size_t i = 0; command_table[i] != NULL; i++) {
		printf(".SS goprof %s\n.nf\n", command_table[i]->name);
		print_roff(command_table[i]->usage);
		printf(".fi\n");
	}
	printf(".SH REPORTS AND THEIR OPTIONS\n"
	       "One report at most; flags stand before or behind the sources.\n");
	report_flags_visit(&visitor);
	printf(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage; goprof cpu with a "
	       "command\n"
	       "ends with the status of the command.\n");
}

static void print_flag_word(struct report_flag_visitor *visitor,
			    const struct report_flag_row *row)
{
	(void)visitor;
	printf(" -%s%s", row->name, row->value == NULL ? "" : "=");
}

void manual_print_completion(void)
{
	struct report_flag_visitor visitor = { print_flag_word };

	printf("# Completion of goprof's commands and flags for bash.\n"
	       "_goprof() {\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]}\n"
	       "\tlocal commands=\"");
	for (size_t i = 0; command_table[i] != NULL; i++)
		printf("%s%s", i == 0 ? "" : " ", command_table[i]->name);
	printf("\"\n\tlocal flags=\"");
	report_flags_visit(&visitor);
	printf("\"\n"
	       "\tcase $word in\n"
	       "\t-*)\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$word\")\n"
	       "\t\tif [[ ${COMPREPLY[0]:-} == *= ]]; then compopt -o nospace; fi\n"
	       "\t\t;;\n"
	       "\t*)\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	       "\t\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	       "\t\t\tmapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -W "
	       "\"$commands\" -- \"$word\")\n"
	       "\t\telif [ \"${COMP_WORDS[1]}\" = cpu ] || [ \"${COMP_WORDS[1]}\" = "
	       "doctor ]; "
	       "then\n"
	       "\t\t\tmapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -W "
	       "\"$(ps -eo pid=)\" -- \"$word\")\n"
	       "\t\tfi\n"
	       "\t\t;;\n"
	       "\tesac\n"
	       "}\n"
	       "complete -o filenames -F _goprof goprof\n");
}
