// goprof cpu: profiles a process or a command, then reports it.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "cmd/pprof_load.h"
#include "cmd/record_flags.h"
#include "cmd/report_flags.h"
#include "profile/profile.h"
#include "source/record.h"
#include "source/source.h"
#include "target/process.h"

enum {
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_COMMAND_NOT_FOUND = 127,
};

static const char usage[] =
	"usage: goprof cpu PID [options] [report flags]\n"
	"       goprof cpu [options] [report flags] -- COMMAND ARGS...\n"
	"\n"
	"Samples where a process, or a command, spends its CPU time: all of its "
	"threads,\n"
	"those started later, and its children. Then reports it: `top` unless a report\n"
	"flag says otherwise. Ctrl-C ends the recording of a process and still reports.\n"
	"Where the output of a command is redirected, a report that no flag names goes\n"
	"to standard error instead.\n"
	"\n"
	"  --seconds S      how long (default: 10 for a process, a command until it "
	"ends)\n"
	"  --rate HZ        samples a second of CPU time (default 100)\n"
	"  -o FILE          write the profile (gzipped profile.proto), or the report if "
	"a\n"
	"                   report flag names its format\n"
	"  --no-children    leave out child processes\n"
	"  --no-kernel      leave out kernel frames even where they are permitted\n"
	"  --no-symbols     write addresses only\n"
	"  --stack-bytes N  user stack copied a sample (default: 16384, more when "
	"needed)\n"
	"\n"
	"Samples of several processes carry the labels pid and process, those of "
	"threads\n"
	"of different names the label thread: see -tags, -tagfocus and -tagroot.\n"
	"\n"
	"The exit status is that of the command (128 + signal, 127: not found), else 0,\n"
	"1 after a failure, 2 for wrong usage. Report flags: goprof help flags.\n";

struct cpu {
	struct source_spec source;
	struct record_options record;
	struct report_flags flags;
	const char *output;
	bool has_source;
};

// Takes one of our own options; *is_taken tells whether there was one.
static bool take_own_option(struct cpu *cpu, int argc, char **argv, int *at,
			    bool *is_taken, struct error *err)
{
	if (!record_flags_take(&cpu->record, argc, argv, at, is_taken, err))
		return false;
	if (*is_taken)
		return true;
	*is_taken = true;
	if (option_word_value(argc, argv, at, "o", &cpu->output) ||
	    option_word_value(argc, argv, at, "output", &cpu->output))
		return cpu->output != NULL ||
		       error_set(err, ERROR_USAGE, "-o wants the name of a file");
	*is_taken = option_word_switch(argv, at, "no-symbols", &cpu->record.no_symbols);
	return true;
}

static bool refuse_flag(const char *word, struct error *err)
{
	const char *near = report_flags_suggest(word);

	if (near == NULL)
		return error_set(err, ERROR_USAGE,
				 "%s: no such option: try goprof help cpu", word);
	return error_set(err, ERROR_USAGE, "%s: no such option: did you mean -%s?", word,
			 near);
}

static bool take_source(struct cpu *cpu, const char *word, struct error *err)
{
	if (cpu->has_source)
		return error_set(err, ERROR_USAGE,
				 "%s: one process at a time: write -- before a command",
				 word);
	if (!source_parse(word, &cpu->source, err))
		return false;
	if (cpu->source.kind == SOURCE_FILE)
		return error_set(err, ERROR_USAGE,
				 "%s: is a file, and cpu wants a process id, or -- and a "
				 "command: to report a profile, goprof %s",
				 word, word);
	cpu->has_source = true;
	return true;
}

static bool take_word(struct cpu *cpu, int argc, char **argv, int *at, struct error *err)
{
	bool is_taken;

	if (!take_own_option(cpu, argc, argv, at, &is_taken, err))
		return false;
	if (is_taken)
		return true;
	switch (report_flags_take(&cpu->flags, argc, argv, at, err)) {
	case REPORT_FLAG_TAKEN:
		return true;
	case REPORT_FLAG_WRONG:
		return false;
	case REPORT_FLAG_UNKNOWN:
		return refuse_flag(argv[*at], err);
	case REPORT_FLAG_NONE:
		break;
	}
	return take_source(cpu, argv[(*at)++], err);
}

static bool parse(struct cpu *cpu, int argc, char **argv, struct error *err)
{
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0) {
		if (!take_word(cpu, argc, argv, &at, err))
			return false;
	}
	if (at < argc) {
		if (cpu->has_source)
			return error_set(
				err, ERROR_USAGE,
				"either a process or -- and a command, not both");
		cpu->source = (struct source_spec){ .kind = SOURCE_COMMAND,
						    .command = argv + at + 1 };
		cpu->has_source = argv[at + 1] != NULL;
	}
	if (!cpu->has_source)
		return error_set(
			err, ERROR_USAGE,
			"cpu wants a PID, or -- and a command: try goprof help cpu");
	return report_flags_finish(&cpu->flags, err);
}

// A minute of recording is not to be lost for a folder that does not exist.
static bool check_output(const char *path, struct error *err)
{
	struct file_output out;

	if (path == NULL)
		return true;
	if (!file_output_open(&out, path, err))
		return false;
	file_output_discard(&out);
	return true;
}

static bool write_results(struct cpu *cpu, struct profile *profile, struct error *err)
{
	struct report_request *request = &cpu->flags.request;
	bool is_behind_output =
		cpu->source.kind == SOURCE_COMMAND && !isatty(STDOUT_FILENO);

	if (request->format != NULL) {
		request->output = cpu->output;
		return report_request_run(profile, request, err);
	}
	if (cpu->output != NULL && !record_flags_write(profile, cpu->output, err))
		return false;
	if (cpu->output != NULL && (strcmp(cpu->output, "-") == 0 || is_behind_output))
		return true;
	// Why there is nothing to show has been said.
	if (profile->sample_count == 0)
		return true;
	// What the command wrote is somebody's input: a report that nobody asked for by
	// name must not stand in it.
	request->is_aside = is_behind_output;
	return report_request_run(profile, request, err);
}

static int fail(const struct error *err)
{
	fprintf(stderr, "goprof: %s\n", err->text);
	return err->code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static int profile_and_report(struct cpu *cpu)
{
	struct record_result result;
	struct error err;
	bool is_reported;

	if (!check_output(cpu->output, &err))
		return fail(&err);
	if (!record_flags_run(&cpu->source, &cpu->record, &result, &err)) {
		fail(&err);
		return cpu->source.kind == SOURCE_COMMAND && err.code == ERROR_NOT_FOUND
			       ? EXIT_COMMAND_NOT_FOUND
			       : EXIT_FAILED;
	}
	is_reported = pprof_load_subtract(&cpu->flags.request, &result.profile, &err) &&
		      write_results(cpu, result.profile, &err);
	if (result.profile != NULL)
		profile_destroy(result.profile);
	if (result.running_pid != 0) {
		fflush(stdout);
		log_info("the recording is over; waiting for the command to end");
		result.exit_status = record_wait_command(result.running_pid);
	}
	return is_reported ? result.exit_status : fail(&err);
}

static int run(int argc, char **argv)
{
	struct cpu cpu = { .flags = report_flags_default() };
	struct error err;
	int status;

	if (parse(&cpu, argc, argv, &err))
		status = profile_and_report(&cpu);
	else
		status = fail(&err);
	report_flags_deinit(&cpu.flags);
	return status;
}

const struct command command_cpu = {
	.name = "cpu",
	.summary = "profile the CPU time of a process or a command",
	.usage = usage,
	.run = run,
};
