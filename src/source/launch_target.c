// Signals reach the command from its first instruction on; ours are blocked meanwhile.
#include "source/launch_target.h"

#include <sys/wait.h>
#include <time.h>

#include "base/error.h"
#include "golang/process.h"
#include "source/launch.h"
#include "source/signals.h"

enum { PAUSE_NS = 1000000, RUNTIME_LIMIT_MS = 2000 };

bool launch_target_has_ended(int pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid == pid;
}

// Whether runtime.main has begun, which sets the time that traces count from.
static bool has_begun(const struct go_process *process)
{
	uint64_t at = go_process_find(process, STR("runtime.runtimeInitTime"));

	return at == 0 || go_process_read_number(process, at, 8) != 0;
}

// What keeps a runtime that stands from being opened is told by who opens it next.
static void wait_for_runtime(int pid)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < RUNTIME_LIMIT_MS && !launch_target_has_ended(pid); i++) {
		struct go_process *process;
		struct error why;

		if (!go_process_is_go(pid, NULL, NULL))
			return;
		bool is_ready = false;

		if (go_process_open(pid, &process, &why)) {
			is_ready = has_begun(process);
			go_process_close(process);
		} else {
			is_ready = why.code == ERROR_PERMISSION;
		}
		if (is_ready)
			return;
		nanosleep(&pause, NULL);
	}
}

bool launch_target_start(char *const *words, int *pid, struct error *err)
{
	struct signals signals = signals_open();
	struct launch launch;
	bool is_started = launch_prepare(&launch, words, &signals.before, err) &&
			  launch_go(&launch, words[0], err);

	if (is_started) {
		*pid = launch.pid;
		wait_for_runtime(launch.pid);
	}
	signals_close(&signals);
	return is_started;
}
