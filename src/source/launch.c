// fork, wait at a pipe, exec.
#include "source/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

enum {
	EXIT_NOT_FOUND = 127, // as shells have it
	EXIT_SIGNAL_BASE = 128,
};

_Noreturn static void become(char *const *words, const sigset_t *mask, int go_fd,
			     int failure_fd)
{
	int errnum;
	char byte;

	if (read(go_fd, &byte, 1) != 1)
		_exit(EXIT_NOT_FOUND);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(words[0], words);
	errnum = errno;
	if (write(failure_fd, &errnum, sizeof(errnum)) < 0)
		_exit(EXIT_NOT_FOUND);
	_exit(EXIT_NOT_FOUND);
}

bool launch_prepare(struct launch *out, char *const *words, const sigset_t *mask,
		    struct error *err)
{
	int go[2], failure[2], pid;

	if (pipe2(go, O_CLOEXEC) != 0)
		return error_set_errno(err, errno, "starting %s", words[0]);
	if (pipe2(failure, O_CLOEXEC) != 0) {
		close(go[0]);
		close(go[1]);
		return error_set_errno(err, errno, "starting %s", words[0]);
	}
	pid = fork();
	if (pid == 0) {
		// Without our end the child sees the end of file should we die.
		close(go[1]);
		become(words, mask, go[0], failure[1]);
	}
	close(go[0]);
	close(failure[1]);
	*out = (struct launch){ pid, go[1], failure[0] };
	if (pid > 0)
		return true;
	launch_cancel(out);
	return error_set_errno(err, errno, "starting %s", words[0]);
}

static void close_pipes(struct launch *launch)
{
	close(launch->go_fd);
	close(launch->failure_fd);
	launch->go_fd = launch->failure_fd = -1;
}

void launch_cancel(struct launch *launch)
{
	close_pipes(launch);
	if (launch->pid > 0)
		waitpid(launch->pid, NULL, 0);
	launch->pid = -1;
}

bool launch_go(struct launch *launch, const char *name, struct error *err)
{
	int errnum = 0;
	ssize_t got;

	if (write(launch->go_fd, "", 1) != 1)
		return error_set_errno(err, errno, "starting %s", name);
	do {
		got = read(launch->failure_fd, &errnum, sizeof(errnum));
	} while (got < 0 && errno == EINTR);
	close_pipes(launch);
	if (got != (ssize_t)sizeof(errnum))
		return true;
	waitpid(launch->pid, NULL, 0);
	launch->pid = -1;
	if (errnum == ENOENT)
		return error_set(err, ERROR_NOT_FOUND,
				 "%s: command not found: check the name and PATH", name);
	return error_set_errno(err, errnum, "%s: cannot be run", name);
}

int launch_exit_status(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return EXIT_SIGNAL_BASE + WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}
