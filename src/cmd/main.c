// The commands by name; anything else is pprof's grammar.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "cmd/command.h"

const struct command *const command_table[] = {
	// What can be taken from a process, or from its core file.
	&command_cpu,
	&command_wall,
	&command_goroutine,
	&command_leaks,
	&command_heap,
	&command_allocs,
	&command_block,
	&command_mutex,
	&command_threadcreate,
	&command_memstats,
	&command_memory,
	&command_run,
	&command_ps,
	&command_info,
	&command_gctrace,
	&command_schedtrace,
	&command_alloctrace,
	&command_set,
	// Files of other kinds, and help.
	&command_doctor,
	&command_heapdump,
	&command_dumptodot,
	&command_dumptohprof,
	&command_hints,
	&command_modules,
	&command_web,
	&command_serve,
	&command_help,
	NULL,
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

static const char *const help_words[] = { "-h", "-help", "--help", NULL };

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (is_word(argv[i], help_words))
			return true;
	}
	return false;
}

static int run(const struct command *command, int argc, char **argv)
{
	if (!asks_for_help(argc, argv))
		return command->run(argc, argv);
	fputs(command->usage, stdout);
	return 0;
}

int main(int argc, char **argv)
{
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
		puts(version_text);
		return 0;
	}
	for (size_t i = 0; command_table[i] != NULL; i++) {
		if (strcmp(argv[1], command_table[i]->name) == 0)
			return run(command_table[i], argc - 1, argv + 1);
	}
	return pprof_run(argc, argv);
}
