// goprof schedtrace: a line a period about the threads of a process.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/log.h"
#include "base/str.h"
#include "base/writer.h"
#include "cmd/capture_target.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "cmd/schedtrace_go.h"
#include "cmd/with_command.h"
#include "golang/process.h"
#include "source/signals.h"
#include "source/source.h"
#include "target/process.h"
#include "target/schedule.h"
#include "target/schedule_text.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"usage: goprof schedtrace PID [options]\n"
	"       goprof schedtrace [options] -- COMMAND ARGS...\n"
	"\n"
	"Of a Go program, prints a line a period in the words of its own version, as\n"
	"GODEBUG=schedtrace=1000 makes the program print it; with --detail a line for\n"
	"each P, M and G too, as GODEBUG=scheddetail=1 has them. Of any other program,\n"
	"or with --threads, a line about the threads of the process, from what the\n"
	"kernel counts: running, runnable (waiting for a processor) and blocked threads\n"
	"are those of the moment; [...] is how many wait at each processor. Averages,\n"
	"what one wait for a processor took, and switches are of the time since the\n"
	"line before. The process is neither stopped nor changed. Ends with it, or by\n"
	"Ctrl-C.\n"
	"\n"
	"  --period T       from line to line (1s)\n"
	"  --count N        end after so many lines\n"
	"  --seconds N      end after the last line of that time\n"
	"  --threads        the threads of a Go program as well, not its goroutines\n"
	"  --detail         every P, M and G of a Go program; of threads a line each:\n"
	"                   its state, where it waits, what it did\n"
	"  --summary        only the totals at the end\n"
	"  --json           a JSON object a line\n"
	"\n"
	"Of a command, lines go to standard error and the exit status is the "
	"command's.\n";

struct schedtrace {
	int pid;
	char *const *command; // NULL: none
	int64_t period_ns;
	uint64_t count; // 0: no limit
	double seconds; // 0: no limit; becomes a count
	bool has_detail, is_summary, is_json, is_threads;
};

// Two samples in turn, and what they came to so far.
struct trace {
	const struct schedtrace *options;
	struct schedule_bounds bounds;
	struct schedule_sample samples[2];
	uint64_t start_ns;
	struct schedule_total total;
	struct signals signals;
	struct writer w;
};

static bool take_word(struct schedtrace *options, int argc, char **argv, int *at,
		      struct error *err)
{
	const char *value;

	if (option_word_value(argc, argv, at, "period", &value)) {
		if (value != NULL &&
		    duration_parse(str_from(value), &options->period_ns) &&
		    options->period_ns >= 1000000)
			return true;
		return error_set(
			err, ERROR_USAGE,
			"--period wants a time of at least 1ms such as 500ms, not "
			"%s",
			value == NULL ? "nothing" : value);
	}
	if (option_word_value(argc, argv, at, "count", &value)) {
		if (value != NULL && str_to_u64(str_from(value), 10, &options->count) &&
		    options->count > 0)
			return true;
		return error_set(err, ERROR_USAGE,
				 "--count wants a number greater than 0, not %s",
				 value == NULL ? "nothing" : value);
	}
	if (option_word_value(argc, argv, at, "seconds", &value))
		return option_word_seconds(value, &options->seconds, err);
	if (option_word_switch(argv, at, "detail", &options->has_detail) ||
	    option_word_switch(argv, at, "threads", &options->is_threads) ||
	    option_word_switch(argv, at, "summary", &options->is_summary) ||
	    option_word_switch(argv, at, "json", &options->is_json))
		return true;
	return error_set(err, ERROR_USAGE,
			 "%s: schedtrace has no such option: try goprof help schedtrace",
			 argv[*at]);
}

// The lines of that time, one at least; a count that is said as well may be less.
static void limit_lines(struct schedtrace *options)
{
	double lines = options->seconds * 1e9 / (double)options->period_ns;

	if (options->seconds > 0 &&
	    (options->count == 0 || lines < (double)options->count))
		options->count = lines < 1 ? 1 : (uint64_t)lines;
}

static bool parse(struct schedtrace *options, int argc, char **argv, struct error *err)
{
	struct source_spec spec;
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0) {
		if (argv[at][0] == '-') {
			if (!take_word(options, argc, argv, &at, err))
				return false;
			continue;
		}
		if (!source_parse(argv[at], &spec, err))
			return false;
		if (options->pid != 0 || spec.kind != SOURCE_PROCESS)
			return error_set(
				err, ERROR_USAGE,
				"%s: schedtrace wants one process id: try goprof "
				"help schedtrace",
				argv[at]);
		options->pid = spec.pid;
		at++;
	}
	limit_lines(options);
	if (at + 1 < argc && options->pid == 0) {
		options->command = argv + at + 1;
		return true;
	}
	return options->pid != 0 ||
	       error_set(err, ERROR_USAGE,
			 "schedtrace wants a process id: try goprof help schedtrace");
}

// Lines keep to the period whatever reading costs. False when a signal ends the trace.
static bool wait_for_line(const struct trace *trace, uint64_t line)
{
	return schedtrace_go_wait(&trace->signals,
				  trace->start_ns +
					  line * (uint64_t)trace->options->period_ns);
}

static bool print_line(struct trace *trace, struct schedule_line *line,
		       const struct schedule_sample *before,
		       const struct schedule_sample *after, struct error *err)
{
	const struct schedtrace *options = trace->options;

	line->elapsed_ns = after->time_ns - trace->start_ns;
	schedule_text_add(&trace->total, line);
	if (options->is_summary)
		return true;
	if (options->is_json) {
		schedule_text_json(line, before, options->has_detail ? after : NULL,
				   &trace->w);
		return writer_finish(&trace->w, err);
	}
	schedule_text_line(line, &trace->w);
	if (options->has_detail)
		schedule_text_threads(before, after, &trace->w);
	return writer_finish(&trace->w, err);
}

// Until the process ends, which is no failure once there is a line.
static bool trace_lines(struct trace *trace, struct error *err)
{
	const struct schedtrace *options = trace->options;
	enum schedule_depth depth = options->has_detail ? SCHEDULE_WAITS : SCHEDULE_TIMES;

	for (uint64_t n = 1; options->count == 0 || n <= options->count; n++) {
		struct schedule_sample *before = &trace->samples[(n - 1) % 2];
		struct schedule_sample *after = &trace->samples[n % 2];
		struct schedule_line line;

		if (!wait_for_line(trace, n))
			return true;
		if (!schedule_read(options->pid, depth, after, err)) {
			log_info("process %d has ended", options->pid);
			return true;
		}
		schedule_compare(&trace->bounds, before, after, &line);
		if (!print_line(trace, &line, before, after, err))
			return false;
	}
	return true;
}

static bool print_total(struct trace *trace, struct error *err)
{
	if (!trace->options->is_summary)
		return true;
	if (trace->options->is_json)
		schedule_text_total_json(&trace->total, &trace->w);
	else
		schedule_text_total(&trace->total, &trace->w);
	return writer_finish(&trace->w, err);
}

// The standard output of a command is its own.
static int output_of(const struct schedtrace *options)
{
	return options->command != NULL ? STDERR_FILENO : STDOUT_FILENO;
}

// Goroutines of a Go program; threads of any other, or with --threads.
static bool run_go(const struct schedtrace *options, struct go_process *process,
		   struct error *err)
{
	struct schedtrace_go_options go = {
		.period_ns = options->period_ns,
		.count = options->count,
		.is_summary = options->is_summary,
		.is_json = options->is_json,
		.has_detail = options->has_detail,
		.fd = output_of(options),
	};
	struct signals signals = signals_open();
	bool is_done;

	signals.command = options->command != NULL ? options->pid : 0;
	is_done = schedtrace_go_run(process, &go, &signals, err);

	signals_close(&signals);
	return is_done;
}

static bool run_threads(const struct schedtrace *options, struct error *err)
{
	struct trace trace = { .options = options };
	bool is_done;

	if (!schedule_read_bounds(options->pid, &trace.bounds, err) ||
	    !schedule_read(options->pid, SCHEDULE_TIMES, &trace.samples[0], err))
		return false;
	trace.start_ns = trace.samples[0].time_ns;
	trace.signals = signals_open();
	trace.signals.command = options->command != NULL ? options->pid : 0;
	trace.w = writer_to_fd(output_of(options));
	is_done = trace_lines(&trace, err) && print_total(&trace, err);
	writer_deinit(&trace.w);
	signals_close(&trace.signals);
	schedule_sample_deinit(&trace.samples[0]);
	schedule_sample_deinit(&trace.samples[1]);
	return is_done || error_wrap(err, "standard output");
}

static bool run_trace(const struct schedtrace *options, struct error *err)
{
	struct go_process *process;
	struct error why;
	bool is_done;

	if (options->is_threads || !go_process_is_go(options->pid, NULL, NULL))
		return run_threads(options, err);
	if (!go_process_open(options->pid, &process, &why)) {
		log_warn("%s: showing its threads instead", why.text);
		return run_threads(options, err);
	}
	capture_target_tell_layout(process);
	is_done = run_go(options, process, err);
	go_process_close(process);
	return is_done;
}

struct command_look {
	struct with_command_look look;
	struct schedtrace *options;
};

static bool trace_command(struct with_command_look *look, int pid, struct error *err)
{
	struct schedtrace *options = ((struct command_look *)look)->options;

	options->pid = pid;
	return run_trace(options, err);
}

static int run(int argc, char **argv)
{
	struct schedtrace options = { .period_ns = 1000000000 };
	struct command_look look = { { trace_command }, &options };
	struct error err;
	bool is_parsed = parse(&options, argc, argv, &err);

	if (is_parsed && options.command != NULL)
		return with_command_run(options.command, &look.look);
	if (is_parsed && run_trace(&options, &err))
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_schedtrace = {
	.name = "schedtrace",
	.summary = "show how the threads of a process get processors, a line a period",
	.usage = usage,
	.run = run,
};
