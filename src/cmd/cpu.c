// goprof cpu: profiles a process or a command, then reports it.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "cmd/report_flags.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "source/record.h"
#include "source/source.h"
#include "target/perf_event.h"
#include "target/process.h"

enum {
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_COMMAND_NOT_FOUND = 127,
	STACK_BYTES_LEAST = 512,
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

// Whether argv[*at] is that option; its value is then in *value and *at behind both.
static bool take_option(int argc, char **argv, int *at, const char *name,
			const char **value)
{
	const char *word = argv[*at];
	size_t length = strlen(name);

	word += word[0] == '-' ? 1 : 0;
	word += word[0] == '-' ? 1 : 0;
	if (word == argv[*at] || strncmp(word, name, length) != 0)
		return false;
	if (word[length] == '=') {
		*value = word + length + 1;
		*at += 1;
		return true;
	}
	if (word[length] != '\0')
		return false;
	*value = *at + 1 < argc ? argv[*at + 1] : NULL;
	*at += *value == NULL ? 1 : 2;
	return true;
}

static bool take_switch(char **argv, int *at, const char *name, bool *out)
{
	const char *word = argv[*at];

	if (word[0] != '-' || strcmp(word + (word[1] == '-' ? 2 : 1), name) != 0)
		return false;
	*out = true;
	*at += 1;
	return true;
}

static bool parse_seconds(const char *value, double *out, struct error *err)
{
	double seconds = 0;

	if (value != NULL)
		str_to_double(str_from(value), &seconds);
	if (!(seconds > 0) || seconds > 1e7)
		return error_set(err, ERROR_USAGE,
				 "--seconds wants a number greater than 0, not %s: try "
				 "--seconds 10",
				 value == NULL ? "nothing" : value);
	*out = seconds;
	return true;
}

static bool parse_count(const char *name, const char *value, uint64_t least,
			uint64_t most, uint32_t *out, struct error *err)
{
	uint64_t number = 0;

	if (value == NULL || !str_to_u64(str_from(value), 10, &number) ||
	    number < least || number > most)
		return error_set(
			err, ERROR_USAGE,
			"--%s wants a number from %llu to %llu, not %s: try goprof "
			"help cpu",
			name, (unsigned long long)least, (unsigned long long)most,
			value == NULL ? "nothing" : value);
	*out = (uint32_t)number;
	return true;
}

// Takes one of our own options; *is_taken tells whether there was one.
static bool take_own_option(struct cpu *cpu, int argc, char **argv, int *at,
			    bool *is_taken, struct error *err)
{
	const char *value;

	*is_taken = true;
	if (take_option(argc, argv, at, "seconds", &value))
		return parse_seconds(value, &cpu->record.seconds, err);
	if (take_option(argc, argv, at, "rate", &value))
		return parse_count("rate", value, 1, RECORD_RATE_MAX,
				   &cpu->record.rate_hz, err);
	if (take_option(argc, argv, at, "stack-bytes", &value))
		return parse_count("stack-bytes", value, STACK_BYTES_LEAST,
				   PERF_STACK_BYTES_MAX, &cpu->record.stack_bytes, err);
	if (take_option(argc, argv, at, "o", &cpu->output) ||
	    take_option(argc, argv, at, "output", &cpu->output))
		return cpu->output != NULL ||
		       error_set(err, ERROR_USAGE, "-o wants the name of a file");
	*is_taken = take_switch(argv, at, "no-children", &cpu->record.no_children) ||
		    take_switch(argv, at, "no-kernel", &cpu->record.no_kernel) ||
		    take_switch(argv, at, "no-symbols", &cpu->record.no_symbols);
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

static void show_progress(void *context, const struct record_progress *progress)
{
	(void)context;
	fprintf(stderr, "\rgoprof: %.0f s, %llu samples ", progress->elapsed_seconds,
		(unsigned long long)progress->samples);
}

static bool write_profile(const struct profile *profile, const char *path,
			  struct error *err)
{
	struct file_output out;
	struct writer w;
	bool is_written;

	if (!file_output_open(&out, path, err))
		return false;
	w = writer_to_fd(out.fd);
	proto_encode_gzip(profile, &w);
	is_written = writer_finish(&w, err);
	writer_deinit(&w);
	if (is_written)
		return file_output_commit(&out, err);
	file_output_discard(&out);
	return error_wrap(err, "%s", path);
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
	if (cpu->output != NULL && !write_profile(profile, cpu->output, err))
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

// An empty profile is an answer, but one that needs its reason.
static void explain_nothing(const struct record_result *result)
{
	double seconds = (double)result->profile->duration_ns / 1e9;
	double cpu_ms = (double)result->cpu_ns / 1e6;

	if (result->is_kernel_hidden && cpu_ms > 100)
		log_warn("no samples: %.0f ms of CPU in %.1f s were spent in the kernel, "
			 "which an ordinary user may not sample: run goprof with sudo",
			 cpu_ms, seconds);
	else if (result->target_exited && seconds < 0.1)
		log_warn("no samples: it ended after %.0f ms: too short to be sampled: "
			 "try "
			 "--rate 5000",
			 seconds * 1e3);
	else if (cpu_ms < 1)
		log_warn("no samples: it used no CPU in %.1f s, it waits: record for "
			 "longer with --seconds",
			 seconds);
	else if (result->cpu_ns > 5 * (uint64_t)result->profile->period)
		log_warn(
			"no samples: it used %.0f ms of CPU in %.1f s, but in threads or "
			"processes that end before their first sample: try --rate 5000",
			cpu_ms, seconds);
	else
		log_warn("no samples: it used %.0f ms of CPU in %.1f s: record longer "
			 "with "
			 "--seconds, or more often with --rate 1000",
			 cpu_ms, seconds);
}

static void explain(const struct cpu *cpu, const struct record_result *result)
{
	double sampled_ns = (double)result->profile->quality.samples *
			    (double)result->profile->period;
	double lost_ns =
		(double)result->profile->quality.lost * (double)result->profile->period;

	if (cpu->source.kind == SOURCE_PROCESS && result->target_exited)
		log_warn(
			"process %d ended after %.1f s: this is what was seen until then",
			cpu->source.pid, (double)result->profile->duration_ns / 1e9);
	if (result->profile->quality.samples == 0) {
		explain_nothing(result);
		return;
	}
	if (result->is_kernel_hidden)
		log_warn(
			"time in the kernel is left out: an ordinary user may not sample "
			"it: sudo sysctl -w kernel.perf_event_paranoid=1, or run goprof "
			"with sudo");
	if (!result->is_kernel_hidden &&
	    sampled_ns + lost_ns < 0.8 * (double)result->cpu_ns &&
	    result->cpu_ns > 300000000u)
		log_warn("samples stand for %.1f s of the %.1f s of CPU used: threads "
			 "and processes that end before their first sample are missed: "
			 "try --rate %d",
			 sampled_ns / 1e9, (double)result->cpu_ns / 1e9,
			 result->profile->period > 2000000 ? 1000 : 5000);
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
	if (isatty(STDERR_FILENO) && cpu->source.kind == SOURCE_PROCESS)
		cpu->record.progress = show_progress;
	if (!record_cpu(&cpu->source, &cpu->record, &result, &err)) {
		fail(&err);
		return cpu->source.kind == SOURCE_COMMAND && err.code == ERROR_NOT_FOUND
			       ? EXIT_COMMAND_NOT_FOUND
			       : EXIT_FAILED;
	}
	if (cpu->record.progress != NULL)
		fprintf(stderr, "\r%40s\r", "");
	explain(cpu, &result);
	is_reported = write_results(cpu, result.profile, &err);
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

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-help") == 0) {
			fputs(usage, stdout);
			return 0;
		}
	}
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
