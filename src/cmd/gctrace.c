// goprof gctrace: a line a collection of a Go program.
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/str.h"
#include "base/writer.h"
#include "cmd/capture_target.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "cmd/with_command.h"
#include "golang/gctrace.h"
#include "golang/gctrace_probe.h"
#include "golang/gctrace_summary.h"
#include "golang/gctrace_summary_text.h"
#include "golang/gctrace_text.h"
#include "source/capture.h"
#include "source/signals.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

// Of what is looked at for nothing most of the time; a look takes some microseconds.
enum { LOOK_NS = 1000000 };

// Whether the program still runs; a probe that is hit wakes us.
enum { PROBED_LOOK_NS = 100000000 };

static const char usage[] =
	"usage: goprof gctrace PID | NAME [options]\n"
	"       goprof gctrace [options] -- COMMAND ARGS...\n"
	"\n"
	"Prints a line for each collection of a Go program, in the words of its own\n"
	"version, as GODEBUG=gctrace=1 makes the program print it: read from outside, "
	"the\n"
	"program is neither stopped nor changed. A collection after which the next one\n"
	"began before goprof looked, within a millisecond, is printed as missed, with "
	"the\n"
	"time for which it stopped the program. Ends with the program, or by Ctrl-C.\n"
	"\n"
	"  --exact          by a probe at the end of each collection: none is missed. "
	"Needs\n"
	"                   root, or CAP_BPF and CAP_PERFMON\n"
	"  --seconds N      end after so long\n"
	"  --summary        only the totals at the end: pauses, processor time, and an\n"
	"                   estimate of what another GOGC would change\n"
	"  --json           a JSON object a line\n"
	"\n"
	"Of a command, lines go to standard error and the exit status is the "
	"command's.\n";

struct words {
	const char *source;
	char *const *command; // NULL: none
	double seconds;       // 0: no limit
	bool is_json, is_summary, is_exact;
};

struct trace {
	const struct words *words;
	struct gctrace *cycles;
	struct gctrace_probe *probe; // NULL: looks by itself
	struct signals signals;
	struct gctrace_sums sums;
	int64_t start_ns;
	struct writer w;
};

static bool parse(int argc, char **argv, struct words *out, struct error *err)
{
	const char *value;

	for (int at = 1; at < argc;) {
		if (strcmp(argv[at], "--") == 0 && argv[at + 1] != NULL &&
		    out->source == NULL) {
			out->command = argv + at + 1;
			out->source = argv[at + 1];
			break;
		}
		if (option_word_switch(argv, &at, "json", &out->is_json) ||
		    option_word_switch(argv, &at, "summary", &out->is_summary) ||
		    option_word_switch(argv, &at, "exact", &out->is_exact))
			continue;
		if (option_word_value(argc, argv, &at, "seconds", &value)) {
			if (!option_word_seconds(value, &out->seconds, err))
				return false;
			continue;
		}
		if (argv[at][0] == '-')
			return error_set(err, ERROR_USAGE,
					 "%s: no such option: try goprof help gctrace",
					 argv[at]);
		if (out->source != NULL)
			return error_set(err, ERROR_USAGE, "%s: one program at a time",
					 argv[at]);
		out->source = argv[at++];
	}
	return out->source != NULL ||
	       error_set(err, ERROR_USAGE, "which program? try goprof gctrace PID");
}

// False when a signal ends the trace.
static bool wait_for_look(const struct trace *trace)
{
	struct timespec pause = { .tv_nsec = trace->probe ? PROBED_LOOK_NS : LOOK_NS };
	struct pollfd wait[] = {
		{ .fd = trace->signals.fd, .events = POLLIN },
		{ .fd = trace->probe ? gctrace_probe_fd(trace->probe) : -1,
		  .events = POLLIN },
	};

	if (ppoll(wait, 2, &pause, NULL) <= 0 || (wait[0].revents & POLLIN) == 0)
		return true;
	for (;;) {
		int number = signals_next(&trace->signals).number;

		if (number == 0)
			return true;
		if (number == SIGINT || number == SIGTERM || number == SIGHUP)
			return false;
	}
}

// A line is out as soon as its collection is over.
static bool print_cycle(struct trace *trace, const struct gctrace_cycle *cycle,
			struct error *err)
{
	gctrace_summary_add(&trace->sums, cycle);
	if (trace->words->is_summary)
		return true;
	if (trace->words->is_json)
		gctrace_text_json(cycle, &trace->w);
	else
		gctrace_text_line(cycle, &trace->w);
	return writer_finish(&trace->w, err) || error_wrap(err, "standard output");
}

static enum gctrace_state next_cycle(struct trace *trace, struct gctrace_cycle *out)
{
	return trace->probe != NULL ? gctrace_probe_next(trace->probe, out)
				    : gctrace_next(trace->cycles, out);
}

// Until the time is over, a signal comes or the program ends, which is no failure.
static bool follow(struct trace *trace, struct error *err)
{
	double seconds = trace->words->seconds;
	int64_t end =
		seconds > 0 ? trace->start_ns + (int64_t)(seconds * 1e9) : INT64_MAX;

	while (clock_now_ns() < end) {
		struct gctrace_cycle cycle;

		switch (next_cycle(trace, &cycle)) {
		case GCTRACE_ENDED:
			log_info("the program has ended");
			return true;
		case GCTRACE_CYCLE:
			if (!print_cycle(trace, &cycle, err))
				return false;
			break;
		case GCTRACE_NONE:
			if (!wait_for_look(trace))
				return true;
			break;
		}
	}
	return true;
}

static bool print_summary(struct trace *trace, struct error *err)
{
	struct gctrace_summary summary;

	if (!trace->words->is_summary)
		return true;
	gctrace_summary_make(&trace->sums,
			     (double)(clock_now_ns() - trace->start_ns) / 1e9,
			     gctrace_setting(trace->cycles), &summary);
	if (trace->words->is_json)
		gctrace_summary_text_json(&summary, &trace->w);
	else
		gctrace_summary_text(&summary, &trace->w);
	return writer_finish(&trace->w, err) || error_wrap(err, "standard output");
}

static void say_missed(const struct gctrace_sums *sums)
{
	if (sums->count == 0)
		log_info("no collection ended in that time");
	if (sums->complete < sums->count)
		log_warn("%zu of %zu collections were missed: the next one began before "
			 "goprof looked",
			 sums->count - sums->complete, sums->count);
}

static bool trace_target(struct capture_target *target, const struct words *words,
			 struct error *err)
{
	struct trace trace = { .words = words };
	bool is_done;

	if (target->go == NULL)
		return error_set(err, ERROR_UNSUPPORTED,
				 "process %d is no Go program: it has no collections",
				 target->pid);
	if (!gctrace_open(target->go, &trace.cycles, err))
		return false;
	if (words->is_exact &&
	    !gctrace_probe_open(target->go, trace.cycles, &trace.probe, err)) {
		gctrace_close(trace.cycles);
		return error_append(err, ", or without --exact");
	}
	trace.signals = signals_open();
	trace.signals.command = target->command_pid;
	// The standard output of a command is its own.
	trace.w = writer_to_fd(words->command != NULL ? STDERR_FILENO : STDOUT_FILENO);
	trace.start_ns = clock_now_ns();
	is_done = follow(&trace, err) && print_summary(&trace, err);
	writer_deinit(&trace.w);
	signals_close(&trace.signals);
	gctrace_probe_close(trace.probe);
	gctrace_close(trace.cycles);
	say_missed(&trace.sums);
	gctrace_summary_deinit(&trace.sums);
	return is_done;
}

struct command_look {
	struct with_command_look look;
	const struct words *words;
};

static bool trace_command(struct with_command_look *look, int pid, struct error *err)
{
	struct capture_target target = { 0 };
	bool is_done;

	if (!capture_open(pid, &target, err))
		return false;
	target.command_pid = pid;
	is_done = trace_target(&target, ((struct command_look *)look)->words, err);
	capture_close(&target);
	return is_done;
}

static int run(int argc, char **argv)
{
	struct capture_target target = { 0 };
	struct words words = { 0 };
	struct command_look look = { { trace_command }, &words };
	struct error err;
	bool is_done;

	is_done = parse(argc, argv, &words, &err);
	if (is_done && words.command != NULL)
		return with_command_run(words.command, &look.look);
	is_done = is_done && capture_target_open(words.source, NULL, &target, &err);
	if (is_done) {
		is_done = trace_target(&target, &words, &err);
		capture_close(&target);
	}
	if (is_done)
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_gctrace = {
	.name = "gctrace",
	.summary = "print a line a collection of a Go program, from outside",
	.usage = usage,
	.run = run,
};
