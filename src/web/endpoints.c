// Paths, parameters and replies as of Go's net/http/pprof/pprof.go.
#include "web/endpoints.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "http/query.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "source/capture.h"
#include "target/process.h"
#include "web/endpoints_index.h"
#include "web/recording.h"
#include "web/site_state.h"
#include "web/streams.h"

enum {
	CPU_SECONDS = 30, // Go's default
	SECONDS_MAX = 600,
	RUNNING_MAX = 4,
	PERIOD_MAX_MS = 60000,
};

static const char prefix[] = "/debug/pprof/";
static const char job_prefix[] = "endpoint ";

static const char octets[] = "application/octet-stream";

// What one request wants; also the key of its job, in which the child finds it again.
struct wish {
	char kind[32];
	int pid;
	unsigned seconds, debug, collects, serial;
};

static struct str wish_key(const struct wish *wish, char *text, size_t size)
{
	int length = snprintf(text, size, "%s%s %d %u %u %u %u", job_prefix, wish->kind,
			      wish->pid, wish->seconds, wish->debug, wish->collects,
			      wish->serial);

	return (struct str){ text, (size_t)length };
}

static bool wish_from_key(struct str key, struct wish *out)
{
	return key.n < 200 &&
	       sscanf(key.p + sizeof(job_prefix) - 1, "%31s %d %u %u %u %u", out->kind,
		      &out->pid, &out->seconds, &out->debug, &out->collects,
		      &out->serial) == 6;
}

static bool write_text(const struct wish *wish, struct capture_target *target,
		       struct writer *w, struct error *err)
{
	const struct capture_options options = {
		.seconds = wish->seconds,
		.sampled.collects = wish->collects > 0,
	};
	const struct capture_row *row = capture_find(target, wish->kind, err);
	const struct capture_text_request request = {
		.text = wish->debug == 1 ? CAPTURE_DEBUG_1 : CAPTURE_DEBUG_2,
		.w = w,
	};
	struct capture_notes notes = { 0 };

	if (row == NULL)
		return false;
	if (row->text == NULL)
		return error_set(err, ERROR_UNSUPPORTED,
				 "%s has no text: ask without debug=", wish->kind);
	return row->text(target, &options, &notes, &request, err);
}

// Runs in the child.
static bool run(void *context, struct str key, struct writer *w, struct error *err)
{
	struct capture_target target;
	struct recording recording = { .pid = 0 };
	struct recording_progress progress = { 0 };
	struct wish wish;

	(void)context;
	if (!wish_from_key(key, &wish))
		return error_set(err, ERROR_USAGE, "the address is not understood");
	if (wish.debug > 0)
		return capture_open(wish.pid, &target, err) &&
		       write_text(&wish, &target, w, err);
	recording.pid = wish.pid;
	recording.seconds = wish.seconds;
	recording.collects = wish.collects > 0;
	recording.progress = &progress;
	snprintf(recording.kind, sizeof(recording.kind), "%s", wish.kind);
	return recording_take(&recording, key, w, err);
}

static size_t running(const struct site *site)
{
	size_t count = 0;

	for (size_t i = 0; i < JOBS_MAX; i++) {
		const struct job *job = &site->jobs.jobs[i];

		count += job->state != JOB_FREE && !job_is_ended(job) &&
			 str_starts_with(str_from(job->key), STR("endpoint "));
	}
	return count;
}

// False: the number is malformed or too large.
static bool read_number(struct str query, const char *name, unsigned most, unsigned *out)
{
	char text[16];
	uint64_t value;

	if (!http_query_has(query, str_from(name)))
		return true;
	if (!str_to_u64(http_query_value(query, str_from(name), text, sizeof(text)), 10,
			&value) ||
	    value > most)
		return false;
	*out = (unsigned)value;
	return true;
}

// Also refuses where it says false.
static bool read_wish(struct site *site, struct str query, struct http_ticket ticket,
		      struct wish *out)
{
	if (!read_number(query, "seconds", SECONDS_MAX, &out->seconds) ||
	    !read_number(query, "debug", 2, &out->debug) ||
	    !read_number(query, "gc", INT32_MAX, &out->collects)) {
		site_refuse(site, ticket, 400,
			    "seconds is a number up to %d, debug is 0, 1 or 2, gc is 0 "
			    "or 1",
			    SECONDS_MAX);
		return false;
	}
	if (out->collects == 0 || site->options->may_collect)
		return true;
	site_refuse(site, ticket, 403,
		    "gc=1 makes the program collect its garbage, which changes what it "
		    "does: leave it out, or start goprof serve with --allow-gc");
	return false;
}

static void serve_stream(struct site *site, const struct http_request *request,
			 struct http_ticket ticket, struct str kind)
{
	struct stream_wish wish = { .kind = kind, .pid = site->options->pid };
	struct error err;
	int stream;

	if (!read_number(request->query, "seconds", SECONDS_MAX, &wish.seconds) ||
	    !read_number(request->query, "period", PERIOD_MAX_MS, &wish.period_ms))
		site_refuse(site, ticket, 400,
			    "seconds is a number up to %d, period is in milliseconds, up "
			    "to %d",
			    SECONDS_MAX, PERIOD_MAX_MS);
	else if (streams_start(&site->streams, &wish, &stream, &err))
		site_reply_stream_take(site, ticket, stream, NULL);
	else
		site_refuse(site, ticket, err.code == ERROR_LIMIT ? 429 : 422, "%s",
			    err.text);
}

static void serve_profile(struct site *site, const struct http_request *request,
			  struct http_ticket ticket, struct str kind)
{
	bool is_cpu = str_equal(kind, STR("profile"));
	struct wish wish = { .pid = site->options->pid,
			     .seconds = is_cpu ? CPU_SECONDS : 0,
			     .serial = ticket.slot << 16 ^ ticket.serial };
	const struct job_work work = { .run = run,
				       .seconds_max = SECONDS_MAX + 60,
				       .is_out_of_line = true };
	char key[200];
	struct job *job;

	if (!read_wish(site, request->query, ticket, &wish))
		return;
	if (is_cpu)
		wish.debug = 0;
	snprintf(wish.kind, sizeof(wish.kind), "%.*s", is_cpu ? 3 : (int)kind.n,
		 is_cpu ? "cpu" : kind.p);
	if (running(site) >= RUNNING_MAX) {
		site_refuse(site, ticket, 429, "%d captures run already; try again later",
			    RUNNING_MAX);
		return;
	}
	job = jobs_add(&site->jobs, wish_key(&wish, key, sizeof(key)), &work);
	if (job == NULL)
		site_refuse(site, ticket, 503, "too many requests at once; try again");
	else
		site_await(site, ticket, job, wish.debug > 0 ? NULL : octets, NULL);
}

// Arguments may hold secrets, so they are told only where the user said so.
static void serve_command_line(struct site *site, struct http_ticket ticket)
{
	char path[64];
	struct file_view view;
	struct error err;
	struct str words, first;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", site->options->pid);
	if (!file_view_open(path, &view, &err)) {
		site_refuse(site, ticket, 422, "%s", err.text);
		return;
	}
	words = (struct str){ (const char *)view.bytes, view.size };
	if (!site->options->shows_command_line && str_cut(&words, '\0', &first))
		words = first;
	else if (words.n > 0 && words.p[words.n - 1] == '\0')
		words.n--; // as Go joins them
	writer_str(site_text(site, ticket), words);
	file_view_close(&view);
	site_reply_text(site, ticket, "text/plain; charset=utf-8");
}

// Runs in the child.
static bool run_index(void *context, struct str key, struct writer *w, struct error *err)
{
	const struct site *site = context;

	(void)key;
	return endpoints_index_write(site->options->pid, w, err);
}

static void serve_index(struct site *site, struct http_ticket ticket)
{
	const struct job_work work = { .run = run_index, .context = site };
	struct job *job;
	char key[64];

	snprintf(key, sizeof(key), "index %u.%u", ticket.slot, ticket.serial);
	job = jobs_add(&site->jobs, str_from(key), &work);
	if (job == NULL)
		site_refuse(site, ticket, 503, "too many requests at once; try again");
	else
		site_await(site, ticket, job, "text/html; charset=utf-8", NULL);
}

bool endpoints_serve(struct site *site, const struct http_request *request,
		     struct http_ticket ticket)
{
	struct str path = request->path, kind;

	if (site->options->pid == 0)
		return false;
	if (str_equal(path, STR("/debug/pprof"))) {
		site_redirect(site, request, ticket, prefix);
		return true;
	}
	if (!str_starts_with(path, str_from(prefix)))
		return false;
	kind = str_after(path, sizeof(prefix) - 1);
	if (kind.n == 0 && request->method != HTTP_POST) {
		serve_index(site, ticket);
	} else if (str_equal(kind, STR("symbol"))) {
		// Profiles come with the names there are: nothing is known beyond them. A
		// count of 0 would tell clients that this server has no names at all.
		writer_text(site_text(site, ticket), "num_symbols: 1\n");
		site_reply_text(site, ticket, "text/plain; charset=utf-8");
	} else if (request->method == HTTP_POST) {
		return false;
	} else if (str_equal(kind, STR("cmdline"))) {
		serve_command_line(site, ticket);
	} else if (str_equal(kind, STR("trace"))) {
		site_refuse(
			site, ticket, 501,
			"an execution trace is written by Go's runtime itself and "
			"cannot be made from outside: profile, wall, goroutine, and "
			"the streams gctrace and schedtrace tell what runs and waits");
	} else if (stream_is_kind(kind)) {
		serve_stream(site, request, ticket, kind);
	} else if (kind.n < 32 && str_find_char(kind, '/') == STR_NOT_FOUND &&
		   str_find_char(kind, ' ') == STR_NOT_FOUND) {
		serve_profile(site, request, ticket, kind);
	} else {
		return false;
	}
	return true;
}
