// A child for each listener writes into a pipe, which the server passes on in chunks.
#include "web/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/writer.h"
#include "golang/gctrace.h"
#include "golang/gctrace_text.h"
#include "golang/process.h"
#include "golang/schedtrace.h"
#include "golang/schedtrace_text.h"
#include "source/capture.h"
#include "target/schedule.h"
#include "target/schedule_text.h"

enum { LOOK_NS = 1000000 };

// False when nobody reads any more: a pipe without a reader is an error to its writer.
static bool wait_for(const struct writer *w, int64_t ns)
{
	struct pollfd reader = { .fd = w->fd };
	const struct timespec pause = { ns / 1000000000, ns % 1000000000 };

	return ns <= 0 || ppoll(&reader, 1, &pause, NULL) <= 0;
}

static int64_t end_of(const struct stream_wish *wish)
{
	return wish->seconds == 0 ? INT64_MAX
				  : clock_now_ns() + (int64_t)wish->seconds * 1000000000;
}

static bool follow_collections(struct gctrace *cycles, const struct stream_wish *wish,
			       struct writer *w, struct error *err)
{
	int64_t end = end_of(wish);
	struct gctrace_cycle cycle;

	while (clock_now_ns() < end) {
		switch (gctrace_next(cycles, &cycle)) {
		case GCTRACE_ENDED:
			return true;
		case GCTRACE_CYCLE:
			gctrace_text_line(&cycle, w);
			if (!writer_finish(w, err))
				return false;
			break;
		case GCTRACE_NONE:
			if (!wait_for(w, LOOK_NS))
				return true;
			break;
		}
	}
	return true;
}

static bool write_collections(const struct stream_wish *wish, struct writer *w,
			      struct error *err)
{
	struct capture_target target;
	struct gctrace *cycles;

	return capture_open(wish->pid, &target, err) &&
	       gctrace_open(target.go, &cycles, err) &&
	       follow_collections(cycles, wish, w, err);
}

static int64_t period_of(const struct stream_wish *wish)
{
	return (int64_t)(wish->period_ms == 0 ? STREAM_PERIOD_MS : wish->period_ms) *
	       1000000;
}

// Go's own line; those of system threads are for programs without one.
static bool write_goroutine_schedule(const struct stream_wish *wish, struct writer *w,
				     struct error *err)
{
	int64_t period = period_of(wish), start = clock_now_ns(), end = end_of(wish);
	struct capture_target target;
	struct schedtrace *trace;
	struct schedtrace_line line;

	if (!capture_open(wish->pid, &target, err) ||
	    !schedtrace_open(target.go, SCHEDTRACE_QUEUES, &trace, err))
		return false;
	for (int64_t n = 1; start + n * period <= end; n++) {
		if (!wait_for(w, start + n * period - clock_now_ns()) ||
		    !schedtrace_read(trace, &line))
			return true;
		schedtrace_text_line(&line, w);
		if (!writer_finish(w, err))
			return false;
	}
	return true;
}

static bool write_thread_schedule(const struct stream_wish *wish, struct writer *w,
				  struct error *err)
{
	int64_t period = period_of(wish), start = clock_now_ns(), end = end_of(wish);
	struct schedule_sample samples[2] = { { 0 } };
	struct schedule_bounds bounds;
	struct error gone;

	if (!schedule_read_bounds(wish->pid, &bounds, err) ||
	    !schedule_read(wish->pid, SCHEDULE_TIMES, &samples[0], err))
		return false;
	for (int64_t n = 1; start + n * period <= end; n++) {
		struct schedule_sample *after = &samples[n % 2];
		struct schedule_line line;

		if (!wait_for(w, start + n * period - clock_now_ns()) ||
		    !schedule_read(wish->pid, SCHEDULE_TIMES, after, &gone))
			return true;
		schedule_compare(&bounds, &samples[(n - 1) % 2], after, &line);
		line.elapsed_ns = (uint64_t)(clock_now_ns() - start);
		schedule_text_line(&line, w);
		if (!writer_finish(w, err))
			return false;
	}
	return true;
}

static bool write_schedule(const struct stream_wish *wish, struct writer *w,
			   struct error *err)
{
	return go_process_is_go(wish->pid, NULL, NULL)
		       ? write_goroutine_schedule(wish, w, err)
		       : write_thread_schedule(wish, w, err);
}

static const struct stream_kind {
	const char *name;
	bool is_go; // for Go programs alone
	bool (*write)(const struct stream_wish *wish, struct writer *w,
		      struct error *err);
} kinds[] = {
	{ "gctrace", true, write_collections },
	{ "schedtrace", false, write_schedule },
};

static const struct stream_kind *find_kind(struct str name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (str_equal(name, str_from(kinds[i].name)))
			return &kinds[i];
	}
	return NULL;
}

bool stream_is_kind(struct str kind)
{
	return find_kind(kind) != NULL;
}

// The server's sockets must not stay open in here: their end would not be seen.
static _Noreturn void run_in_child(const struct stream_kind *kind,
				   const struct stream_wish *wish, int fd)
{
	struct writer w;
	struct error err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
	w = writer_to_fd(fd);
	if (!kind->write(wish, &w, &err)) {
		writer_format(&w, "goprof: %s\n", err.text);
		_exit(writer_finish(&w, &err) ? 1 : 2);
	}
	_exit(0);
}

static pid_t *free_place(struct streams *streams)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (streams->children[i] == 0)
			return &streams->children[i];
	}
	return NULL;
}

bool streams_start(struct streams *streams, const struct stream_wish *wish, int *out,
		   struct error *err)
{
	const struct stream_kind *kind = find_kind(wish->kind);
	pid_t *place = free_place(streams);
	int ends[2];

	if (kind->is_go && !go_process_is_go(wish->pid, NULL, NULL))
		return error_set(err, ERROR_UNSUPPORTED,
				 "process %d is no Go program (any more), and %s tells "
				 "of Go's collections: try schedtrace",
				 wish->pid, kind->name);
	if (place == NULL)
		return error_set(err, ERROR_LIMIT,
				 "%d streams are open already; try again later",
				 STREAMS_MAX);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set_errno(err, errno, "a pipe");
	*place = fork();
	if (*place == 0)
		run_in_child(kind, wish, ends[1]);
	close(ends[1]);
	if (*place > 0) {
		*out = ends[0];
		return true;
	}
	*place = 0;
	close(ends[0]);
	return error_set_errno(err, errno, "starting a process");
}

void streams_collect(struct streams *streams)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (streams->children[i] > 0 &&
		    waitpid(streams->children[i], NULL, WNOHANG) == streams->children[i])
			streams->children[i] = 0;
	}
}

void streams_deinit(struct streams *streams)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (streams->children[i] <= 0)
			continue;
		kill(streams->children[i], SIGKILL);
		while (waitpid(streams->children[i], NULL, 0) < 0 && errno == EINTR)
			;
		streams->children[i] = 0;
	}
}
