// Looks at the runtime's scheduler once a period.
#include "cmd/schedtrace_go.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/writer.h"
#include "golang/process.h"
#include "golang/scheddetail.h"
#include "golang/scheddetail_text.h"
#include "golang/schedtrace.h"
#include "golang/schedtrace_text.h"
#include "source/signals.h"

struct trace {
	const struct schedtrace_go_options *options;
	struct schedtrace *reader;
	struct scheddetail_reader *detail; // NULL: not wanted
	struct schedtrace_line line;
	struct schedtrace_sums sums;
	struct writer w;
};

bool schedtrace_go_wait(const struct signals *signals, uint64_t due_ns)
{
	struct pollfd wait = { .fd = signals->fd, .events = POLLIN };

	for (;;) {
		uint64_t now = (uint64_t)clock_now_ns();
		int number = signals_next(signals).number;

		if (number == SIGINT || number == SIGTERM || number == SIGHUP)
			return false;
		if (now >= due_ns)
			return true;
		poll(&wait, 1, (int)((due_ns - now + 999999) / 1000000));
	}
}

static bool print_detail(struct trace *trace, struct error *err)
{
	const struct scheddetail *detail;

	if (!scheddetail_read(trace->detail, &trace->line, &detail, err))
		return false;
	if (trace->options->is_json)
		scheddetail_text_json(&trace->line, detail, &trace->w);
	else
		scheddetail_text_lines(&trace->line, detail, &trace->w);
	return writer_finish(&trace->w, err);
}

static bool print_line(struct trace *trace, struct error *err)
{
	schedtrace_text_add(&trace->sums, &trace->line);
	if (trace->options->is_summary)
		return true;
	if (trace->detail != NULL)
		return print_detail(trace, err);
	if (trace->options->is_json)
		schedtrace_text_json(&trace->line, &trace->w);
	else
		schedtrace_text_line(&trace->line, &trace->w);
	return writer_finish(&trace->w, err);
}

static bool print_sums(struct trace *trace, struct error *err)
{
	if (!trace->options->is_summary)
		return true;
	if (trace->options->is_json)
		schedtrace_text_sums_json(&trace->sums, &trace->w);
	else
		schedtrace_text_sums(&trace->sums, &trace->w);
	return writer_finish(&trace->w, err);
}

static bool follow(struct trace *trace, const struct signals *signals, struct error *err)
{
	const struct schedtrace_go_options *options = trace->options;
	uint64_t start = (uint64_t)clock_now_ns();

	for (uint64_t n = 1; options->count == 0 || n <= options->count; n++) {
		if (!schedtrace_go_wait(signals,
					start + n * (uint64_t)options->period_ns))
			return true;
		if (!schedtrace_read(trace->reader, &trace->line)) {
			log_info("the program has ended");
			return true;
		}
		if (!print_line(trace, err))
			return false;
	}
	return true;
}

static bool open_readers(struct trace *trace, struct go_process *process,
			 struct error *err)
{
	bool wants_detail = trace->options->has_detail && !trace->options->is_summary;

	if (!schedtrace_open(process,
			     wants_detail ? SCHEDTRACE_DETAIL : SCHEDTRACE_QUEUES,
			     &trace->reader, err))
		return false;
	if (!wants_detail || scheddetail_open(process, &trace->detail, err))
		return true;
	schedtrace_close(trace->reader);
	return false;
}

bool schedtrace_go_run(struct go_process *process,
		       const struct schedtrace_go_options *options,
		       const struct signals *signals, struct error *err)
{
	struct trace trace = { .options = options };
	bool is_done;

	if (!open_readers(&trace, process, err))
		return false;
	trace.w = writer_to_fd(options->fd);
	is_done = follow(&trace, signals, err) && print_sums(&trace, err);
	writer_deinit(&trace.w);
	scheddetail_close(trace.detail);
	schedtrace_close(trace.reader);
	return is_done || error_wrap(err, "writing lines");
}
