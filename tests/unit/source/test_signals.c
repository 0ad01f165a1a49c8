// Signals of this very process, and of a child that waits.
#include "source/signals.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

TEST(signals_come_one_by_one)
{
	struct signals signals = signals_open();

	kill(getpid(), SIGUSR1);
	CHECK_INT(signals_next(&signals).number, SIGUSR1);
	CHECK_INT(signals_next(&signals).number, 0);
	signals_close(&signals);
}

TEST(signals_are_passed_on_to_a_command)
{
	struct signals signals;
	int status, pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	signals = signals_open();
	signals.command = pid;
	kill(getpid(), SIGUSR2);
	CHECK_INT(signals_next(&signals).number, 0);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGUSR2);
	// Its end is ours to hear of.
	CHECK_INT(signals_next(&signals).number, SIGCHLD);
	signals_close(&signals);
}
