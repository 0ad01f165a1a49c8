// goprof hints: reads a profile as an expert would.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "cmd/pprof_load.h"
#include "cmd/record_flags.h"
#include "cmd/report_flags.h"
#include "profile/profile.h"
#include "report/hints.h"
#include "report/hints_text.h"
#include "source/record.h"
#include "source/source.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_COMMAND_NOT_FOUND = 127 };

static const double default_min_share = 0.05;

static const char usage[] =
	"usage: goprof hints [options] [PROGRAM] PROFILE...\n"
	"       goprof hints [options] PID\n"
	"       goprof hints [options] -- COMMAND ARGS...\n"
	"\n"
	"Reads a profile as an expert would. Of CPU time: how much goes to allocation,\n"
	"garbage collection, synchronization, system calls, copying, hashing, the\n"
	"scheduler, formatting, compression and page faults. Of a heap: short-lived\n"
	"small objects against large live ones. Of blocking and mutexes: waits that are\n"
	"usually harmless against those that are not. Each finding has its numbers, who\n"
	"causes it, and the next command to run. Several profiles are read as their "
	"sum.\n"
	"\n"
	"  --json           the findings as JSON\n"
	"  --min-share P    leave out findings below P percent (default: 5)\n"
	"  -o FILE          keep the profile of a process or command\n"
	"\n"
	"For a process or command, as goprof cpu has them:\n"
	"  --seconds S  --rate HZ  --no-children  --no-kernel  --stack-bytes N\n"
	"\n"
	"The exit status is 0, 1 after a failure, 2 for wrong usage; that of a command\n"
	"is passed on.\n";

struct hints_command {
	struct report_flags flags; // for the sources alone
	struct record_options record;
	struct hints_options options;
	const char *output;
	char *const *command; // the words behind "--", or NULL
	bool is_json;
};

static bool parse_share(const char *value, double *out, struct error *err)
{
	double percent = -1;

	if (value == NULL || !str_to_double(str_from(value), &percent) ||
	    !(percent >= 0 && percent <= 100))
		return error_set(err, ERROR_USAGE,
				 "--min-share wants a percentage from 0 to 100, not %s: "
				 "try --min-share 1",
				 value == NULL ? "nothing" : value);
	*out = percent / 100;
	return true;
}

static bool take_word(struct hints_command *hints, int argc, char **argv, int *at,
		      struct error *err)
{
	const char *value;
	bool is_taken;

	if (option_word_switch(argv, at, "json", &hints->is_json))
		return true;
	if (option_word_value(argc, argv, at, "min-share", &value))
		return parse_share(value, &hints->options.min_share, err);
	if (option_word_value(argc, argv, at, "o", &hints->output) ||
	    option_word_value(argc, argv, at, "output", &hints->output))
		return hints->output != NULL ||
		       error_set(err, ERROR_USAGE, "-o wants the name of a file");
	if (!record_flags_take(&hints->record, argc, argv, at, &is_taken, err))
		return false;
	if (is_taken)
		return true;
	if (argv[*at][0] == '-' && argv[*at][1] != '\0')
		return error_set(err, ERROR_USAGE,
				 "%s: no such option: try goprof help hints", argv[*at]);
	report_flags_add_source(&hints->flags, argv[(*at)++]);
	return true;
}

static bool parse(struct hints_command *hints, int argc, char **argv, struct error *err)
{
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0) {
		if (!take_word(hints, argc, argv, &at, err))
			return false;
	}
	if (at < argc && argv[at + 1] != NULL)
		hints->command = argv + at + 1;
	if (hints->command != NULL && hints->flags.request.source_count > 0)
		return error_set(err, ERROR_USAGE,
				 "either a profile or process, or -- and a command, not "
				 "both");
	if (hints->command == NULL && hints->flags.request.source_count == 0)
		return error_set(err, ERROR_USAGE,
				 "hints wants a profile, a PID, or -- and a command: try "
				 "goprof help hints");
	return true;
}

// A word as a shell reads it back.
static void quote(struct writer *w, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:=,+@%";

	if (*word != '\0' && strspn(word, plain) == strlen(word)) {
		writer_text(w, word);
		return;
	}
	writer_char(w, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			writer_text(w, "'\\''");
		else
			writer_char(w, *word);
	}
	writer_char(w, '\'');
}

// How the next command names what was read: the profile that was kept, else the source.
static void name_source(const struct hints_command *hints, bool is_recorded,
			struct writer *w)
{
	const struct report_request *request = &hints->flags.request;

	if (is_recorded && hints->output != NULL) {
		quote(w, hints->output);
		return;
	}
	for (size_t i = 0; i < request->source_count; i++) {
		if (i > 0)
			writer_char(w, ' ');
		quote(w, request->sources[i]);
	}
	if (hints->command != NULL)
		writer_char(w, '-');
	if (hints->command != NULL)
		writer_char(w, '-');
	for (char *const *word = hints->command; word != NULL && *word != NULL; word++) {
		writer_char(w, ' ');
		quote(w, *word);
	}
}

static bool print(const struct hints_command *command, const struct hints *hints,
		  struct error *err)
{
	struct writer w = writer_to_fd(STDOUT_FILENO);
	bool is_written;

	if (command->is_json)
		hints_text_json(hints, &w);
	else
		hints_text_print(hints, &w);
	is_written = writer_finish(&w, err);
	writer_deinit(&w);
	return is_written;
}

enum origin { FROM_FILE, FROM_RECORDING };

static bool report(struct hints_command *command, const struct profile *profile,
		   enum origin origin, struct error *err)
{
	bool is_kept = origin == FROM_FILE || command->output != NULL;
	struct writer source = writer_to_memory();
	struct hints hints;
	bool is_done;

	name_source(command, origin == FROM_RECORDING, &source);
	command->options.program = is_kept ? STR("goprof") : STR("goprof cpu");
	command->options.source = writer_contents(&source);
	is_done = hints_compute(profile, &command->options, &hints, err);
	if (is_done) {
		is_done = print(command, &hints, err);
		hints_deinit(&hints);
	}
	writer_deinit(&source);
	return is_done;
}

static int fail(const struct error *err)
{
	fprintf(stderr, "goprof: %s\n", err->text);
	return err->code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static int read_files(struct hints_command *hints)
{
	struct profile *profile = NULL;
	struct error err;
	bool is_done;

	if (!pprof_load(&hints->flags.request, &profile, &err))
		return fail(&err);
	if (profile->sample_count == 0)
		log_warn("the profile holds no samples: record longer or at a higher "
			 "rate");
	is_done = report(hints, profile, FROM_FILE, &err);
	profile_destroy(profile);
	return is_done ? 0 : fail(&err);
}

static int record(struct hints_command *hints, const struct source_spec *source)
{
	struct record_result result;
	struct error err;
	bool is_done;

	if (!record_flags_run(source, &hints->record, &result, &err)) {
		fail(&err);
		return source->kind == SOURCE_COMMAND && err.code == ERROR_NOT_FOUND
			       ? EXIT_COMMAND_NOT_FOUND
			       : EXIT_FAILED;
	}
	is_done = hints->output == NULL ||
		  record_flags_write(result.profile, hints->output, &err);
	// Why there is nothing to show has been said.
	if (is_done && result.profile->sample_count > 0)
		is_done = report(hints, result.profile, FROM_RECORDING, &err);
	profile_destroy(result.profile);
	if (result.running_pid != 0) {
		fflush(stdout);
		log_info("the recording is over; waiting for the command to end");
		result.exit_status = record_wait_command(result.running_pid);
	}
	return is_done ? result.exit_status : fail(&err);
}

static int run_source(struct hints_command *hints)
{
	struct source_spec source = { .kind = SOURCE_COMMAND, .command = hints->command };
	struct error err;

	if (hints->command != NULL)
		return record(hints, &source);
	if (hints->flags.request.source_count > 1)
		return read_files(hints);
	if (!source_parse(hints->flags.request.sources[0], &source, &err))
		return fail(&err);
	return source.kind == SOURCE_PROCESS ? record(hints, &source) : read_files(hints);
}

static int run(int argc, char **argv)
{
	struct hints_command hints = {
		.flags = report_flags_default(),
		.options = { .min_share = default_min_share },
	};
	struct error err;
	int status;

	status = parse(&hints, argc, argv, &err) ? run_source(&hints) : fail(&err);
	report_flags_deinit(&hints.flags);
	return status;
}

const struct command command_hints = {
	.name = "hints",
	.summary = "read a profile as an expert would, with the next command to run",
	.usage = usage,
	.run = run,
};
