// Recording this very machine, where it permits that.
#include "source/record.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "profile/profile.h"
#include "source/source.h"
#include "target/capability.h"
#include "test.h"

static const char spin[] = "i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done; exit 3";

static void need_perf_events(void)
{
	if (capability_try_user_events(getpid()) != 0)
		test_skip("no perf events here");
}

TEST(record_of_a_command)
{
	const char *words[] = { "sh", "-c", spin, NULL };
	struct source_spec source = { .kind = SOURCE_COMMAND,
				      .command = (char *const *)words };
	struct record_options options = { .rate_hz = 1000, .no_symbols = true };
	struct record_result result;
	struct error err;

	need_perf_events();
	CHECK(record_cpu(&source, &options, &result, &err));
	CHECK_INT(result.exit_status, 3);
	CHECK(result.target_exited);
	CHECK(result.profile->quality.is_known);
	CHECK(result.profile->quality.samples > 10);
	CHECK_INT(result.profile->type_count, 2);
	CHECK_INT(result.profile->period, 1000000);
	CHECK(result.profile->duration_ns > 0);
	CHECK(result.profile->mapping_count > 0);
	profile_destroy(result.profile);
}

TEST(record_of_a_process_leaves_it_alone)
{
	struct source_spec source = { .kind = SOURCE_PROCESS };
	struct record_options options = { .seconds = 0.5,
					  .rate_hz = 1000,
					  .no_symbols = true };
	struct record_result result;
	struct error err;
	int pid;

	need_perf_events();
	pid = fork();
	if (pid == 0) {
		// Whatever fails here, nothing must be left spinning.
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			;
	}
	source.pid = pid;
	CHECK(record_cpu(&source, &options, &result, &err));
	CHECK(!result.target_exited);
	CHECK(result.profile->quality.samples > 0);
	CHECK_INT(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	profile_destroy(result.profile);
}

TEST(record_of_nobody)
{
	struct source_spec source = { .kind = SOURCE_PROCESS, .pid = INT32_MAX };
	struct record_options options = { 0 };
	struct record_result result;
	struct error err;

	CHECK(!record_cpu(&source, &options, &result, &err));
	CHECK_INT(err.code, ERROR_NOT_FOUND);
	CHECK(strstr(err.text, "2147483647") != NULL);
}
