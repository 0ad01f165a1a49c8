// The commands by name; anything else is pprof's grammar.
#include <string.h>

#include "cmd/command.h"

int main(int argc, char **argv)
{
	static const struct command *const commands[] = { NULL };

	for (size_t i = 0; argc > 1 && commands[i] != NULL; i++) {
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->run(argc - 1, argv + 1);
	}
	return 2;
}
