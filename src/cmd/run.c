// goprof run: a command under libgoprof, and the profiles it leaves behind.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "cmd/preload.h"
#include "cmd/record_flags.h"
#include "cmd/run_leaks.h"
#include "profile/profile.h"
#include "source/board.h"
#include "source/launch.h"
#include "source/record.h"
#include "source/signals.h"
#include "source/trace_file.h"

enum {
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_COMMAND_NOT_FOUND = 127,
	EXIT_STATUS_MAX = 255,
};

static const char usage[] =
	"usage: goprof run [options] -- COMMAND ARGS...\n"
	"\n"
	"Runs a command with libgoprof preloaded, which needs no change and no rebuild "
	"of\n"
	"the program. When it has ended, in whichever way, the profiles are written.\n"
	"Programs that it starts are recorded as well, under the labels pid and "
	"process.\n"
	"\n"
	"  --cpuprofile FILE       where CPU time is spent\n"
	"  --cpuprofilerate HZ     samples a second of CPU time (default 100)\n"
	"  --memprofile FILE       live and allocated memory, by where it was allocated\n"
	"  --memprofilerate BYTES  mean number of bytes from one sample to the next\n"
	"                          (default 524288; 1 records every allocation)\n"
	"  --blockprofile FILE     where threads wait for locks, conditions, other "
	"threads\n"
	"  --blockprofilerate NS   one sample in NS nanoseconds of waiting on average\n"
	"                          (default 1, which records every wait)\n"
	"  --blocksleep            count sleeping, poll, select and epoll_wait too\n"
	"  --mutexprofile FILE     who held the locks that others waited for\n"
	"  --mutexprofilefraction N  one in N contended unlocks is sampled (default 1)\n"
	"  --no-follow             record the command and its forks, but no program "
	"that\n"
	"                          these start\n"
	"  --http ADDRESS          the command answers /debug/pprof/ there while it "
	"runs:\n"
	"                          localhost:6060, unix:PATH; port 0 is a free one\n"
	"  --heapdump FILE         every live block and what points to it, when the "
	"program\n"
	"                          exits; goprof heapdump reads it; %p: process id\n"
	"  --alloctrace FILE       every allocation and free; goprof alloctrace --read "
	"reads it\n"
	"  --leakcheck             tell on stderr what is lost then, as valgrind does\n"
	"  --json                  the leak check as a JSON object a line for each "
	"process\n"
	"  --error-exitcode N      exit status where a block is definitely or possibly "
	"lost\n"
	"\n"
	"The exit status is that of the command (128 + signal, 127: not found), else 1\n"
	"after a failure, 2 for wrong usage. Programs that are statically linked or "
	"setuid\n"
	"take no preloaded library: goprof cpu profiles those from outside.\n";

// One profile that can be asked for: its flags, and the key that turns it on in GOPROF.
struct run_profile {
	const char *flag, *rate_flag;
	const char *name; // as in recording_kinds.h
	const char *key;
	const char *default_rate;
};

static const struct run_profile run_profiles[] = {
	{ "cpuprofile", "cpuprofilerate", "profile", "cpu", "100" },
	{ "memprofile", "memprofilerate", "heap", "heap", "524288" },
	{ "blockprofile", "blockprofilerate", "block", "block", "1" },
	{ "mutexprofile", "mutexprofilefraction", "mutex", "mutex", "1" },
};

enum { PROFILES = sizeof(run_profiles) / sizeof(run_profiles[0]) };

struct run {
	const char *outputs[PROFILES]; // NULL: not asked for
	const char *rates[PROFILES];
	const char *heapdump; // a path, NULL: none
	const char *trace;    // a path, NULL: none
	bool is_not_followed; // only the command itself is recorded
	const char *http;     // where the command serves its profiles, NULL: nowhere
	bool has_leak_check;
	bool counts_sleep;       // in the block profile
	uint64_t error_exitcode; // 0: the command's
	struct run_leaks leaks;
	char *const *command;
	struct board board;
};

static bool check_rate(const char *flag, const char *text, struct error *err)
{
	uint64_t rate;

	if (text != NULL && str_to_u64(str_from(text), 10, &rate) && rate > 0)
		return true;
	return error_set(err, ERROR_USAGE, "--%s wants a number above 0", flag);
}

// Options of heap dumps; *is_taken tells whether it was one.
static bool take_heap_word(struct run *run, int argc, char **argv, int *at,
			   bool *is_taken, struct error *err)
{
	const char *value;

	*is_taken = true;
	if (option_word_switch(argv, at, "blocksleep", &run->counts_sleep))
		return true;
	if (option_word_switch(argv, at, "leakcheck", &run->has_leak_check) ||
	    option_word_switch(argv, at, "json", &run->leaks.is_json))
		return true;
	if (option_word_value(argc, argv, at, "heapdump", &run->heapdump))
		return run->heapdump != NULL ||
		       error_set(err, ERROR_USAGE, "--heapdump wants the name of a file");
	if (option_word_value(argc, argv, at, "alloctrace", &run->trace))
		return run->trace != NULL ||
		       error_set(err, ERROR_USAGE,
				 "--alloctrace wants the name of a file");
	if (option_word_value(argc, argv, at, "error-exitcode", &value))
		return (value != NULL &&
			str_to_u64(str_from(value), 10, &run->error_exitcode) &&
			run->error_exitcode <= EXIT_STATUS_MAX) ||
		       error_set(err, ERROR_USAGE,
				 "--error-exitcode wants a number up to 255");
	*is_taken = false;
	return true;
}

static bool take_word(struct run *run, int argc, char **argv, int *at, struct error *err)
{
	const char *value;
	bool is_taken;

	if (option_word_switch(argv, at, "no-follow", &run->is_not_followed))
		return true;
	if (option_word_value(argc, argv, at, "http", &run->http))
		return (run->http != NULL && strchr(run->http, ',') == NULL) ||
		       error_set(err, ERROR_USAGE,
				 "--http wants an address as localhost:6060");
	if (!take_heap_word(run, argc, argv, at, &is_taken, err))
		return false;
	if (is_taken)
		return true;
	for (size_t i = 0; i < PROFILES; i++) {
		const struct run_profile *profile = &run_profiles[i];

		if (option_word_value(argc, argv, at, profile->flag, &value)) {
			run->outputs[i] = value;
			return value != NULL ||
			       error_set(err, ERROR_USAGE,
					 "--%s wants the name of a file", profile->flag);
		}
		if (option_word_value(argc, argv, at, profile->rate_flag, &value)) {
			run->rates[i] = value;
			return check_rate(profile->rate_flag, value, err);
		}
	}
	return error_set(err, ERROR_USAGE,
			 argv[*at][0] == '-'
				 ? "%s: no such option: try goprof help run"
				 : "%s: write -- before the command: try goprof help run",
			 argv[*at]);
}

static bool parse(struct run *run, int argc, char **argv, struct error *err)
{
	bool has_output;
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0) {
		if (!take_word(run, argc, argv, &at, err))
			return false;
	}
	if (at + 1 >= argc)
		return error_set(err, ERROR_USAGE,
				 "run wants -- and a command: try goprof help run");
	run->command = argv + at + 1;
	has_output = run->http != NULL || run->heapdump != NULL || run->trace != NULL ||
		     run->has_leak_check;
	if (run->leaks.is_json && !run->has_leak_check)
		return error_set(
			err, ERROR_USAGE,
			"--json is how --leakcheck tells what it found: profiles "
			"are files, of which goprof FILE --json reports");
	for (size_t i = 0; i < PROFILES; i++)
		has_output |= run->outputs[i] != NULL;
	if (!has_output)
		return error_set(err, ERROR_USAGE,
				 "run wants at least one profile to write, such as "
				 "--cpuprofile cpu.pb.gz: try goprof help run");
	return true;
}

// A long run is not to be lost for a folder that does not exist.
static bool check_outputs(const struct run *run, struct error *err)
{
	for (size_t i = 0; i < PROFILES; i++) {
		struct file_output out;

		if (run->outputs[i] == NULL)
			continue;
		if (!file_output_open(&out, run->outputs[i], err))
			return false;
		file_output_discard(&out);
	}
	return true;
}

// The command may change its folder.
static void put_path(struct writer *w, const char *key, const char *path)
{
	char folder[PATH_MAX];

	writer_format(w, ",%s=", key);
	if (path[0] != '/' && getcwd(folder, sizeof(folder)) != NULL)
		writer_format(w, "%s/", folder);
	writer_text(w, path);
}

// Whoever asks later may want what is cheap to have: memory, as in a Go program. The CPU
// profile starts when it is asked for.
static bool is_served(const struct run *run, const struct run_profile *profile)
{
	size_t row = (size_t)(profile - run_profiles);

	return run->http != NULL &&
	       (strcmp(profile->key, "heap") == 0 ||
		(strcmp(profile->key, "cpu") != 0 && run->rates[row] != NULL));
}

static void put_settings(const struct run *run, struct writer *w)
{
	char path[BOARD_PATH_SIZE];

	board_path(&run->board, path);
	writer_format(w, "board=%s", path);
	for (size_t i = 0; i < PROFILES; i++) {
		const char *rate = run->rates[i] != NULL ? run->rates[i]
							 : run_profiles[i].default_rate;

		if (run->outputs[i] != NULL || is_served(run, &run_profiles[i]))
			writer_format(w, ",%s=%s", run_profiles[i].key, rate);
	}
	if (run->is_not_followed)
		writer_text(w, ",follow=off");
	if (run->http != NULL)
		writer_format(w, ",http=%s,http_parent=%d", run->http, getpid());
	if (run->counts_sleep)
		writer_text(w, ",blocksleep");
	if (run->heapdump != NULL)
		put_path(w, "heapdump", run->heapdump);
	if (run->trace != NULL)
		put_path(w, "alloctrace", run->trace);
	if (run->has_leak_check) {
		char pattern[RUN_LEAKS_PATH_MAX + 16];

		run_leaks_pattern(&run->leaks, pattern);
		put_path(w, "heappointers", pattern);
	}
	writer_char(w, '\0');
}

static bool set_environment(const struct run *run, struct error *err)
{
	struct writer settings = writer_to_memory();
	bool is_set;

	put_settings(run, &settings);
	is_set = preload_set(writer_contents(&settings).p, err);
	writer_deinit(&settings);
	return is_set;
}

// Signals wait from before the start, so that none comes to us that is the command's.
static bool run_to_end(const struct run *run, int *status, struct error *err)
{
	struct signals signals = signals_open();
	struct launch launch;
	bool is_started = launch_prepare(&launch, run->command, &signals.before, err) &&
			  launch_go(&launch, run->command[0], err);

	if (is_started)
		*status = record_wait_command(launch.pid);
	signals_close(&signals);
	return is_started;
}

static bool write_profiles(const struct run *run, struct error *err)
{
	for (size_t i = 0; i < PROFILES; i++) {
		struct profile *profile;
		bool is_written;

		if (run->outputs[i] == NULL)
			continue;
		if (!board_read(&run->board, str_from(run_profiles[i].name), &profile,
				err))
			return false;
		is_written = record_flags_write(profile, run->outputs[i], err);
		profile_destroy(profile);
		if (!is_written)
			return false;
	}
	return true;
}

static bool explain_nothing(const struct run *run, struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND,
			 "%s: did not load libgoprof, so nothing was recorded: it is "
			 "statically linked, setuid, or for another kind of machine: "
			 "goprof cpu profiles it from outside",
			 run->command[0]);
}

static int fail(const struct error *err)
{
	fprintf(stderr, "goprof: %s\n", err->text);
	if (err->code == ERROR_USAGE)
		return EXIT_USAGE;
	return EXIT_FAILED;
}

static int run_command(struct run *run)
{
	struct error err;
	int status = 0;

	if (!run_to_end(run, &status, &err)) {
		fail(&err);
		return err.code == ERROR_NOT_FOUND ? EXIT_COMMAND_NOT_FOUND : EXIT_FAILED;
	}
	if (board_missed_count(&run->board) > 0)
		log_warn("%zu processes were not recorded: there were too many",
			 board_missed_count(&run->board));
	if (board_process_count(&run->board) == 0 ? !explain_nothing(run, &err)
						  : !write_profiles(run, &err)) {
		fail(&err);
		return status != 0 ? status : EXIT_FAILED;
	}
	return status;
}

static int run_checked(struct run *run)
{
	int status = run_command(run);
	struct error err;
	bool has_lost;

	if (status == EXIT_COMMAND_NOT_FOUND)
		return status;
	if (!run_leaks_report(&run->leaks, &has_lost, &err)) {
		fail(&err);
		return status != 0 ? status : EXIT_FAILED;
	}
	return has_lost && run->error_exitcode != 0 ? (int)run->error_exitcode : status;
}

static int run_prepared(struct run *run)
{
	struct error err;
	int status;

	if (run->trace != NULL && !trace_file_prepare(run->trace, &err))
		return fail(&err);
	if (run->has_leak_check && !run_leaks_open(&run->leaks, &err))
		return fail(&err);
	if (!set_environment(run, &err))
		status = fail(&err);
	else
		status = run->has_leak_check ? run_checked(run) : run_command(run);
	if (run->trace != NULL)
		trace_file_cut(run->trace);
	if (run->has_leak_check)
		run_leaks_close(&run->leaks);
	return status;
}

static int run_main(int argc, char **argv)
{
	struct run run = { 0 };
	struct error err;
	int status;

	if (!parse(&run, argc, argv, &err) || !check_outputs(&run, &err) ||
	    !board_open(&run.board, &err))
		return fail(&err);
	status = run_prepared(&run);
	board_close(&run.board);
	return status;
}

const struct command command_run = {
	.name = "run",
	.summary = "run a command under libgoprof and write its profiles",
	.usage = usage,
	.run = run_main,
};
