// A copy stands still while its process goes on, and leaves nothing behind.
#include "target/snapshot.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "target/live_memory.h"
#include "target/pause.h"
#include "target/process.h"
#include "test.h"

enum { LIMIT_NS = 2000000000, TRIES = 400 };

static volatile uint64_t counter;

static uint64_t read_counter(int pid)
{
	const struct live_memory live = live_memory_of(pid);
	uint64_t value = 0;

	CHECK(memory_read_u64(&live.memory, (uint64_t)(uintptr_t)&counter, &value));
	return value;
}

static void nap(void)
{
	struct timespec time = { .tv_nsec = 5000000 };

	nanosleep(&time, NULL);
}

// A child that ends with this process, should a check fail first.
static int start_child(void)
{
	int pid = fork();

	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

// Counts as long as it lives.
static int start_counting(void)
{
	int pid = start_child();

	while (pid == 0)
		counter++;
	return pid;
}

static bool goes_on(int pid)
{
	uint64_t first = read_counter(pid);

	for (unsigned i = 0; i < TRIES; i++) {
		nap();
		if (read_counter(pid) != first)
			return true;
	}
	return false;
}

static void take(int pid, struct snapshot *out)
{
	struct pause pause;
	struct error err;
	bool is_taken;

	if (!pause_begin(pid, LIMIT_NS, &pause, &err))
		test_skip("no process may be stopped here");
	is_taken = snapshot_take(&pause, out, &err);
	pause_end(&pause);
	if (!is_taken)
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

TEST(snapshot_stands_still_while_its_process_counts)
{
	int pid = start_counting(), status;
	struct process_ids children = { 0 };
	struct snapshot snapshot;
	uint64_t seen;

	while (read_counter(pid) == 0)
		nap();
	take(pid, &snapshot);
	seen = read_counter(snapshot.pid);
	CHECK(goes_on(pid));
	CHECK_INT(read_counter(snapshot.pid), seen);
	snapshot_end(&snapshot);
	CHECK(goes_on(pid));
	process_add_descendants(pid, &children);
	CHECK_INT(children.count, 0);
	process_ids_deinit(&children);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	CHECK_INT(WTERMSIG(status), SIGKILL);
}

// A system call that was under way is as if nothing had been.
TEST(snapshot_disturbs_no_system_call)
{
	int ends[2], pid, status;
	struct snapshot snapshot;
	char byte;

	CHECK_INT(pipe(ends), 0);
	pid = start_child();
	if (pid == 0)
		_exit(read(ends[0], &byte, 1) == 1 ? 7 : 8);
	for (unsigned i = 0; i < 20; i++)
		nap();
	take(pid, &snapshot);
	snapshot_end(&snapshot);
	CHECK_INT(write(ends[1], "x", 1), 1);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 7);
	close(ends[0]);
	close(ends[1]);
}
