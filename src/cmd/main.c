// The commands by name; anything else is pprof's grammar.
#include <string.h>

#include "cmd/command.h"

int main(int argc, char **argv)
{
	static const struct command *const commands[] = {
		&command_help,
	};

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->run(argc - 1, argv + 1);
	}
	if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "-help") == 0 ||
			 strcmp(argv[1], "--help") == 0))
		return command_help.run(argc - 1, argv + 1);
	return pprof_run(argc, argv);
}
