// The command keeps our input and outputs, and gets our signals.
#include "cmd/with_command.h"

#include <stdio.h>

#include "base/error.h"
#include "base/log.h"
#include "source/launch_target.h"
#include "source/record.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_COMMAND_NOT_FOUND = 127 };

static int fail(const struct error *err)
{
	fprintf(stderr, "goprof: %s\n", err->text);
	return err->code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

int with_command_run(char *const *words, struct with_command_look *look)
{
	struct error err;
	int pid, status, failure = 0;

	if (!launch_target_start(words, &pid, &err)) {
		failure = fail(&err);
		return err.code == ERROR_NOT_FOUND ? EXIT_COMMAND_NOT_FOUND : failure;
	}
	if (launch_target_has_ended(pid))
		log_warn("%s ended before it could be looked at", words[0]);
	else if (!look->look(look, pid, &err))
		failure = fail(&err);
	fflush(stdout);
	if (!launch_target_has_ended(pid))
		log_info("waiting for the command to end");
	status = record_wait_command(pid);
	return failure != 0 ? failure : status;
}
