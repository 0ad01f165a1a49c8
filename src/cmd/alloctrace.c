// goprof alloctrace: every allocation and free of a command, recorded and read.
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/writer.h"
#include "cmd/alloctrace_go.h"
#include "cmd/alloctrace_read.h"
#include "cmd/capture_target.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "cmd/preload.h"
#include "source/capture.h"
#include "source/launch.h"
#include "source/record.h"
#include "source/recorded_dump.h"
#include "source/signals.h"
#include "source/trace_file.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_COMMAND_NOT_FOUND = 127 };

enum { SECONDS_DEFAULT = 5 };

static const char usage[] =
	"usage: goprof alloctrace [-o FILE] [options] -- COMMAND ARGS...\n"
	"       goprof alloctrace PID | NAME [--seconds N] [-o FILE] [options]\n"
	"       goprof alloctrace --read FILE [options]\n"
	"\n"
	"Records every allocation and free of a command, with stacks, by libgoprof; the "
	"file\n"
	"is whole however the command ends. Prints it as Go's allocfreetrace did, then "
	"what\n"
	"was not freed, what was freed twice, and other frees that are wrong. With -o "
	"alone\n"
	"nothing is printed: --read does that. Programs that the command starts get "
	"files of\n"
	"their own, FILE.PID. Of a process that runs with libgoprof (GOPROF= is enough) "
	"a\n"
	"time is traced, 5 s if not said; the trace is in its memory until then. Any Go\n"
	"program is traced from outside, with the types and without frees: it runs into "
	"a\n"
	"probe at each allocation, which costs it some microseconds. Needs root, or "
	"CAP_BPF\n"
	"and CAP_PERFMON.\n"
	"\n"
	"  -o FILE           the trace; with --profile the profile\n"
	"  --text            print the events although there is -o\n"
	"  --total           totals by kind, size and stack in place of the events\n"
	"  --faults          only what was not freed, and the wrong frees\n"
	"  --profile         with --read, or of a Go program: a heap profile of the "
	"trace,\n"
	"                    into -o FILE\n"
	"  --min-size BYTES, --max-size BYTES, --focus REGEXP (a function on the "
	"stack),\n"
	"  --rate N (one allocation in N): print only such events\n"
	"  --brief           record frees without their stacks: half the cost; of a Go\n"
	"                    program: without addresses, at a fraction of the cost\n"
	"  --size BYTES      what the file may grow to (default 1 GiB); of a process, "
	"what\n"
	"                    the events may take of its memory (default 256 MiB)\n"
	"  --json            an object a line; one object with --total\n"
	"\n"
	"The exit status is that of the command, else 0; 1 after a failure, 2 for wrong "
	"usage.\n";

struct alloctrace {
	struct alloctrace_read_options read;
	const char *input, *output, *source;
	uint64_t size;  // 0: not said
	double seconds; // 0: not said
	bool has_text, is_brief;
	char *const *command;
};

static bool take_number(const char *name, const char *value, uint64_t *out,
			struct error *err)
{
	return (value != NULL && str_to_u64(str_from(value), 10, out)) ||
	       error_set(err, ERROR_USAGE, "--%s wants a number", name);
}

static bool take_value(struct alloctrace *options, int argc, char **argv, int *at,
		       bool *is_taken, struct error *err)
{
	const char *value;
	struct {
		const char *name;
		const char **text;
		uint64_t *number;
	} values[] = {
		{ "o", &options->output, NULL },
		{ "read", &options->input, NULL },
		{ "focus", &options->read.focus, NULL },
		{ "min-size", NULL, &options->read.min_size },
		{ "max-size", NULL, &options->read.max_size },
		{ "rate", NULL, &options->read.rate },
		{ "size", NULL, &options->size },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (!option_word_value(argc, argv, at, values[i].name, &value))
			continue;
		*is_taken = true;
		if (values[i].number != NULL)
			return take_number(values[i].name, value, values[i].number, err);
		*values[i].text = value;
		return value != NULL ||
		       error_set(err, ERROR_USAGE, "-%s wants a value", values[i].name);
	}
	return true;
}

static bool take_word(struct alloctrace *options, int argc, char **argv, int *at,
		      struct error *err)
{
	struct {
		const char *name;
		enum alloctrace_form form;
	} forms[] = {
		{ "total", ALLOCTRACE_TOTAL },
		{ "faults", ALLOCTRACE_FAULTS },
		{ "profile", ALLOCTRACE_PROFILE },
	};
	bool is_taken = false, is_form;
	const char *value;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (option_word_switch(argv, at, forms[i].name, &is_form)) {
			options->read.form = forms[i].form;
			return true;
		}
	}
	if (option_word_switch(argv, at, "text", &options->has_text) ||
	    option_word_switch(argv, at, "brief", &options->is_brief) ||
	    option_word_switch(argv, at, "json", &options->read.is_json))
		return true;
	if (option_word_value(argc, argv, at, "seconds", &value))
		return option_word_seconds(value, &options->seconds, err);
	if (!take_value(options, argc, argv, at, &is_taken, err))
		return false;
	return is_taken ||
	       error_set(err, ERROR_USAGE,
			 "%s: alloctrace has no such option, or -- is missing before "
			 "the command: try goprof help alloctrace",
			 argv[*at]);
}

static bool parse(struct alloctrace *options, int argc, char **argv, struct error *err)
{
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0) {
		if (argv[at][0] != '-' && options->source == NULL)
			options->source = argv[at++];
		else if (!take_word(options, argc, argv, &at, err))
			return false;
	}
	if (at + 1 < argc)
		options->command = argv + at + 1;
	if ((options->command != NULL) + (options->input != NULL) +
		    (options->source != NULL) !=
	    1)
		return error_set(err, ERROR_USAGE,
				 "alloctrace wants a process, or -- and a command, or "
				 "--read FILE: try goprof help alloctrace");
	if (options->seconds > 0 && options->source == NULL)
		return error_set(err, ERROR_USAGE,
				 "--seconds is for processes that run already");
	if (options->read.form == ALLOCTRACE_PROFILE &&
	    (options->command != NULL || options->output == NULL))
		return error_set(err, ERROR_USAGE,
				 "--profile goes with --read TRACE, or a Go program, and "
				 "-o FILE");
	options->read.output = options->output;
	return true;
}

static int fail(const struct error *err)
{
	fprintf(stderr, "goprof: %s\n", err->text);
	return err->code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

// An absolute path, because the command may change its folder.
static bool name_trace(const struct alloctrace *options, char path[PATH_MAX],
		       struct error *err)
{
	const char *temporary = getenv("TMPDIR");
	char folder[PATH_MAX];
	int length;

	if (options->output == NULL)
		length = snprintf(path, PATH_MAX, "%s/goprof-alloctrace.%d",
				  temporary == NULL ? "/tmp" : temporary, getpid());
	else if (options->output[0] == '/' || getcwd(folder, sizeof(folder)) == NULL)
		length = snprintf(path, PATH_MAX, "%s", options->output);
	else
		length = snprintf(path, PATH_MAX, "%s/%s", folder, options->output);
	if (length >= PATH_MAX)
		return error_set(err, ERROR_USAGE, "%s: the path is too long",
				 options->output);
	return trace_file_prepare(path, err);
}

static bool run_to_end(const struct alloctrace *options, const char *path, int *status,
		       struct error *err)
{
	struct signals signals;
	struct writer settings = writer_to_memory();
	struct launch launch;
	bool is_started;

	writer_format(&settings, "alloctrace=%s", path);
	if (options->size != 0)
		writer_format(&settings, ",tracesize=%llu",
			      (unsigned long long)options->size);
	if (options->is_brief)
		writer_text(&settings, ",tracefrees=brief");
	writer_char(&settings, '\0');
	is_started = preload_set(writer_contents(&settings).p, err);
	writer_deinit(&settings);
	if (!is_started)
		return false;
	signals = signals_open();
	is_started = launch_prepare(&launch, options->command, &signals.before, err) &&
		     launch_go(&launch, options->command[0], err);
	if (is_started)
		*status = record_wait_command(launch.pid);
	signals_close(&signals);
	return is_started;
}

// What was not asked to be printed is left for --read.
static bool print(const struct alloctrace *options, const char *path, struct error *err)
{
	return (options->output != NULL && !options->has_text &&
		options->read.form == ALLOCTRACE_EVENTS) ||
	       alloctrace_read(path, &options->read, err);
}

static int record(struct alloctrace *options)
{
	char path[PATH_MAX];
	struct error err;
	int status = 0;

	if (!name_trace(options, path, &err))
		return fail(&err);
	if (!run_to_end(options, path, &status, &err)) {
		fail(&err);
		return err.code == ERROR_NOT_FOUND ? EXIT_COMMAND_NOT_FOUND : EXIT_FAILED;
	}
	if (access(path, R_OK) != 0) {
		fprintf(stderr,
			"goprof: %s: did not load libgoprof, so nothing was traced: it "
			"is statically linked, setuid, or for another kind of machine\n",
			options->command[0]);
		return status != 0 ? status : EXIT_FAILED;
	}
	trace_file_cut(path);
	if (!print(options, path, &err)) {
		fail(&err);
		status = status != 0 ? status : EXIT_FAILED;
	}
	if (options->output == NULL)
		unlink(path);
	return status;
}

static double seconds_of(const struct alloctrace *options)
{
	return options->seconds > 0 ? options->seconds : SECONDS_DEFAULT;
}

static bool take_trace(const struct alloctrace *options,
		       const struct capture_target *target, const char *path,
		       struct error *err)
{
	const struct recorded_trace_options wish = {
		.seconds = ceil(seconds_of(options)),
		.size = options->size,
		.is_brief = options->is_brief,
	};

	if (target->class == CAPTURE_RECORDED)
		return recorded_dump_trace(target, &wish, path, err);
	return error_set(err, ERROR_UNSUPPORTED,
			 "process %d: no libgoprof is in it to trace its allocations: "
			 "start the program with GOPROF= and LD_PRELOAD=libgoprof.so, or "
			 "with goprof alloctrace -- COMMAND",
			 target->pid);
}

static bool trace_recorded(const struct alloctrace *options,
			   const struct capture_target *target, struct error *err)
{
	char path[PATH_MAX];
	bool is_done;

	if (options->read.form == ALLOCTRACE_PROFILE)
		return error_set(err, ERROR_USAGE,
				 "--profile is made of a trace: first -o TRACE, then "
				 "--read TRACE --profile -o FILE");
	is_done = name_trace(options, path, err) &&
		  take_trace(options, target, path, err) && print(options, path, err);
	if (is_done && options->output == NULL)
		unlink(path);
	return is_done;
}

static bool trace_process(const struct alloctrace *options, struct error *err)
{
	struct alloctrace_go_options how = { seconds_of(options), options->is_brief };
	struct capture_target target = { 0 };
	bool is_done = capture_target_open(options->source, NULL, &target, err);

	if (is_done && target.go != NULL)
		is_done = alloctrace_go(&target, &options->read, how, err);
	else if (is_done)
		is_done = trace_recorded(options, &target, err);
	capture_close(&target);
	return is_done;
}

static int run(int argc, char **argv)
{
	struct alloctrace options = { .read = { .max_size = UINT64_MAX, .rate = 1 } };
	struct error err;

	if (!parse(&options, argc, argv, &err))
		return fail(&err);
	if (options.source != NULL)
		return trace_process(&options, &err) ? 0 : fail(&err);
	if (options.input == NULL)
		return record(&options);
	return alloctrace_read(options.input, &options.read, &err) ? 0 : fail(&err);
}

const struct command command_alloctrace = {
	.name = "alloctrace",
	.summary = "show every allocation and free of a program, and what was not freed",
	.usage = usage,
	.run = run,
};
