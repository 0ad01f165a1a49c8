// A thread that the program does not notice looks at the others, as goprof schedtrace
// does from outside. It has no descriptors of the program's, so it borrows stderr for
// each line: the program may have put something else in its place meanwhile.
#include "recorder/schedtrace.h"

#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/writer.h"
#include "recorder/serve_thread.h"
#include "recorder/state.h"
#include "recorder/talk.h"
#include "recorder/tracer.h"
#include "target/schedule.h"
#include "target/schedule_text.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438 // since Linux 5.6
#endif

enum { NS_A_MS = 1000000, NS_A_SECOND = 1000000000 };

struct trace {
	struct schedule_bounds bounds;
	struct schedule_sample samples[2];
	uint64_t start_ns, lines;
};

// What the program has at the place of its stderr now; -1: nothing, or not to be had.
static int borrow_stderr(void)
{
	int process = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int fd = process < 0 ? -1
			     : (int)syscall(SYS_pidfd_getfd, process, STDERR_FILENO, 0);

	if (process >= 0)
		close(process);
	return fd;
}

static void print(struct str text)
{
	int fd = borrow_stderr();

	if (fd < 0)
		return;
	while (text.n > 0) {
		ssize_t written = write(fd, text.p, text.n);

		if (written < 0 && errno != EINTR)
			break;
		if (written > 0)
			text = str_after(text, (size_t)written);
	}
	close(fd);
}

static bool look(struct schedule_sample *sample)
{
	struct error ignored;

	if (!schedule_read(getpid(),
			   recorder.settings.has_scheddetail ? SCHEDULE_WAITS
							     : SCHEDULE_TIMES,
			   sample, &ignored))
		return false;
	schedule_hide(sample, serve_thread_is);
	return sample->count > 0;
}

static void print_line(struct trace *trace)
{
	const struct schedule_sample *before = &trace->samples[trace->lines % 2];
	const struct schedule_sample *after = &trace->samples[(trace->lines + 1) % 2];
	struct writer w = writer_to_pages();
	struct schedule_line line;

	schedule_compare(&trace->bounds, before, after, &line);
	line.elapsed_ns = after->time_ns - trace->start_ns;
	schedule_text_line(&line, &w);
	if (recorder.settings.has_scheddetail)
		schedule_text_threads(before, after, &w);
	print(writer_contents(&w));
	writer_deinit(&w);
}

// Lines keep to the period whatever a look costs.
static void wait_for_line(const struct trace *trace)
{
	uint64_t due_ns = trace->start_ns +
			  (trace->lines + 1) * NS_A_MS * recorder.settings.schedtrace_ms;
	struct timespec due = { (time_t)(due_ns / NS_A_SECOND),
				(long)(due_ns % NS_A_SECOND) };

	// clock_nanosleep is one of our hooks.
	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static void *run(void *unused)
{
	struct trace trace = { 0 };
	struct error ignored;

	(void)unused;
	if (serve_thread_enter() &&
	    schedule_read_bounds(getpid(), &trace.bounds, &ignored) &&
	    look(&trace.samples[0])) {
		trace.start_ns = tracer_now_ns();
		for (;; trace.lines++) {
			wait_for_line(&trace);
			if (serve_thread_is_alone() ||
			    !look(&trace.samples[(trace.lines + 1) % 2]))
				break;
			print_line(&trace);
		}
	}
	schedule_sample_deinit(&trace.samples[0]);
	schedule_sample_deinit(&trace.samples[1]);
	serve_thread_leave();
	return NULL;
}

void schedtrace_start(void)
{
	int fd;

	if (recorder.settings.schedtrace_ms == 0)
		return;
	fd = borrow_stderr();
	if (fd < 0)
		talk("GOPROF: schedtrace: this kernel does not lend descriptors "
		     "(pidfd_getfd, since Linux 5.6): goprof schedtrace PID works");
	else if (!serve_thread_start(run, NULL))
		talk("GOPROF: schedtrace: no thread for it");
	if (fd >= 0)
		close(fd);
}
