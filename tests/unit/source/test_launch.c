// Commands: they wait, run, fail to run, and how they end.
#include "source/launch.h"

#include <string.h>
#include <sys/wait.h>

#include "base/error.h"
#include "test.h"

static sigset_t current_mask(void)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	return mask;
}

// execvp's prototype is older than const.
static bool prepare(struct launch *launch, const char *const *words, struct error *err)
{
	sigset_t mask = current_mask();

	return launch_prepare(launch, (char *const *)words, &mask, err);
}

static int run(const char *const *words)
{
	struct launch launch;
	struct error err;
	int status = 0;

	CHECK(prepare(&launch, words, &err));
	CHECK_INT(waitpid(launch.pid, &status, WNOHANG), 0);
	CHECK(launch_go(&launch, words[0], &err));
	CHECK_INT(waitpid(launch.pid, &status, 0), launch.pid);
	return launch_exit_status(status);
}

TEST(launch_exit_status_as_a_shell_has_it)
{
	CHECK_INT(run((const char *[]){ "true", NULL }), 0);
	CHECK_INT(run((const char *[]){ "sh", "-c", "exit 7", NULL }), 7);
	CHECK_INT(run((const char *[]){ "sh", "-c", "kill -TERM $$", NULL }),
		  128 + SIGTERM);
}

TEST(launch_of_what_does_not_exist)
{
	const char *words[] = { "no-such-command-anywhere", NULL };
	struct launch launch;
	struct error err;

	CHECK(prepare(&launch, words, &err));
	CHECK(!launch_go(&launch, words[0], &err));
	CHECK_INT(err.code, ERROR_NOT_FOUND);
	CHECK(strstr(err.text, words[0]) != NULL);
}

TEST(launch_of_what_is_no_program)
{
	const char *words[] = { "/dev/null", NULL };
	struct launch launch;
	struct error err;

	CHECK(prepare(&launch, words, &err));
	CHECK(!launch_go(&launch, words[0], &err));
	CHECK_INT(err.code, ERROR_PERMISSION);
}

TEST(launch_can_be_called_off)
{
	const char *words[] = { "true", NULL };
	struct launch launch;
	struct error err;

	CHECK(prepare(&launch, words, &err));
	launch_cancel(&launch);
	CHECK_INT(launch.pid, -1);
}
