// fork is the cheapest copy of a profile: a report without filters copies nothing.
#include "cmd/shell_report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cmd/report_request.h"

static _Noreturn void run_in_child(struct profile *profile,
				   const struct report_request *request)
{
	struct error err = { 0 };
	bool is_done = report_request_run(profile, request, &err);

	if (!is_done)
		fprintf(stderr, "%s\n", err.text);
	// exit() would move the standard input that is shared with the shell.
	_exit(is_done ? 0 : 1);
}

static void wait_for(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFSIGNALED(status))
		return;
	if (WTERMSIG(status) == SIGINT)
		fputc('\n', stderr);
	else
		fprintf(stderr, "the report was ended by signal %d (%s)\n",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
}

void shell_report_run(struct profile *profile, const struct report_request *request)
{
	struct sigaction ignored = { .sa_handler = SIG_IGN }, before;
	pid_t child;

	fflush(stdout);
	sigaction(SIGINT, &ignored, &before);
	child = fork();
	if (child == 0) {
		signal(SIGINT, SIG_DFL);
		run_in_child(profile, request);
	}
	if (child < 0)
		fprintf(stderr, "starting the report: %s\n", strerror(errno));
	else
		wait_for(child);
	sigaction(SIGINT, &before, NULL);
}
