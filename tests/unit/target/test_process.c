// Processes: ourselves, a child, a grandchild, and one that is gone.
#include "target/process.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

TEST(process_status_of_ourselves)
{
	struct process_status status;

	CHECK(process_read_status(getpid(), &status));
	CHECK_INT(status.parent, getppid());
	CHECK_INT(status.user, geteuid());
	CHECK_INT(status.thread_count, 1);
	CHECK_STR(str_from(status.name), "unit");
	CHECK(status.start_ticks > 0);
	CHECK(process_is_alive(getpid()));
	CHECK(process_shares_files_with_us(getpid()));
}

TEST(process_that_is_none)
{
	struct process_status status;

	CHECK(!process_read_status(INT32_MAX, &status));
	CHECK(!process_read_status(0, &status));
	CHECK(!process_read_status(-1, &status));
	CHECK(!process_is_alive(INT32_MAX));
}

TEST(process_zombie_is_not_alive)
{
	int pid = fork();
	siginfo_t info;

	if (pid == 0)
		_exit(0);
	CHECK_INT(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	CHECK(!process_is_alive(pid));
	waitpid(pid, NULL, 0);
}

TEST(process_descendants_include_grandchildren)
{
	struct process_ids found = { 0 };
	int ends[2], grandchild = 0, child;

	CHECK_INT(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		int pid = fork();

		if (pid == 0) {
			pause();
			_exit(0);
		}
		if (write(ends[1], &pid, sizeof(pid)) < 0)
			_exit(1);
		pause();
		_exit(0);
	}
	CHECK_INT(read(ends[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	process_add_descendants(getpid(), &found);
	CHECK(process_ids_contain(&found, child));
	CHECK(process_ids_contain(&found, grandchild));
	CHECK(!process_ids_contain(&found, getpid()));
	kill(grandchild, SIGKILL);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	process_ids_deinit(&found);
}

TEST(process_threads_of_ourselves)
{
	struct process_ids threads = { 0 };

	process_add_threads(getpid(), &threads);
	CHECK_INT(threads.count, 1);
	CHECK_INT(threads.ids[0], getpid());
	process_ids_deinit(&threads);
}
