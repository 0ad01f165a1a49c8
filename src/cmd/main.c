// The commands by name; anything else is pprof's grammar.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"

const struct command *const command_table[] = {
	&command_cpu, &command_doctor, &command_hints, &command_help, NULL,
};

enum { EXIT_USAGE = 2 };

static bool is_word(const char *word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcmp(word, *words) == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	static const char *const help_words[] = { "-h", "-help", "--help", NULL };
	static const char *const version_words[] = { "-version", "--version", NULL };

	if (argc < 2) {
		fputs("goprof: nothing to do: goprof cpu PID profiles a process, goprof "
		      "FILE reports a profile: try goprof help\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (is_word(argv[1], help_words))
		return command_help.run(1, argv);
	if (is_word(argv[1], version_words)) {
		puts("goprof " GOPROF_VERSION);
		return 0;
	}
	for (size_t i = 0; command_table[i] != NULL; i++) {
		if (strcmp(argv[1], command_table[i]->name) == 0)
			return command_table[i]->run(argc - 1, argv + 1);
	}
	return pprof_run(argc, argv);
}
