// A capture is a job whose result is a profile file; its progress is a page of shared
// memory.
#include "web/capture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "http/query.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "source/record.h"
#include "source/source.h"
#include "target/process.h"
#include "web/site_state.h"

enum { SECONDS_DEFAULT = 10, GRACE_SECONDS = 60 };

static void note_progress(void *context, const struct record_progress *progress)
{
	struct capture_progress *shared = context;

	shared->elapsed_seconds = progress->elapsed_seconds;
	shared->samples = progress->samples;
}

// Runs in the child.
static bool record(void *context, struct str key, struct writer *w, struct error *err)
{
	const struct capture *capture = context;
	const struct source_spec source = { .kind = SOURCE_PROCESS, .pid = capture->pid };
	const struct record_options options = {
		.seconds = capture->seconds,
		.rate_hz = capture->rate_hz,
		.progress = note_progress,
		.context = capture->progress,
	};
	struct record_result result;

	(void)key;
	if (!record_cpu(&source, &options, &result, err))
		return false;
	proto_encode_gzip(result.profile, w);
	return true;
}

static unsigned number(struct str form, const char *name, unsigned most,
		       unsigned otherwise)
{
	char text[16];
	uint64_t value;

	if (!str_to_u64(http_query_value(form, str_from(name), text, sizeof(text)), 10,
			&value) ||
	    value == 0)
		return otherwise;
	return value > most ? most : (unsigned)value;
}

// One that is free, or the oldest that is over.
static struct capture *place_for_capture(struct captures *captures)
{
	struct capture *oldest = NULL;

	for (size_t i = 0; i < CAPTURES_MAX; i++) {
		struct capture *capture = &captures->captures[i];

		if (capture->id == 0)
			return capture;
		if (capture->job == NULL && (oldest == NULL || capture->id < oldest->id))
			oldest = capture;
	}
	return oldest;
}

static void forget(struct capture *capture)
{
	if (capture->job != NULL)
		jobs_drop(capture->job);
	if (capture->progress != NULL)
		munmap(capture->progress, sizeof(*capture->progress));
	*capture = (struct capture){ .id = 0 };
}

static bool start(struct site *site, const struct capture *wanted, uint32_t *id,
		  struct error *err)
{
	struct capture *capture = place_for_capture(&site->captures);
	struct capture_progress *progress;
	char key[32];

	if (capture == NULL)
		return error_set(err, ERROR_LIMIT, "%d captures run already",
				 CAPTURES_MAX);
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		return error_set(err, ERROR_SYSTEM, "no memory for a capture");
	forget(capture);
	*capture = *wanted;
	capture->id = ++site->captures.last_id;
	capture->progress = progress;
	snprintf(key, sizeof(key), "capture %u", capture->id);
	capture->job = jobs_add(&site->jobs, str_from(key),
				&(struct job_work){
					.run = record,
					.context = capture,
					.seconds_max = capture->seconds + GRACE_SECONDS,
					.is_out_of_line = true,
				});
	*id = capture->id;
	if (capture->job != NULL)
		return true;
	forget(capture);
	return error_set(err, ERROR_LIMIT, "too many reports at once; try again");
}

static bool may_capture(const struct site *site, int pid, struct error *err)
{
	if (site->options->pid != 0 && pid != site->options->pid)
		return error_set(err, ERROR_PERMISSION,
				 "this server is for process %d alone",
				 site->options->pid);
	if (!process_is_alive(pid))
		return error_set(err, ERROR_NOT_FOUND,
				 "there is no process %d (any more)", pid);
	return true;
}

static struct capture wanted_of(struct str form, int pid)
{
	return (struct capture){
		.pid = pid,
		.kind = "cpu",
		.seconds = number(form, "seconds", CAPTURE_SECONDS_MAX, SECONDS_DEFAULT),
		.rate_hz = number(form, "rate", RECORD_RATE_MAX, 0),
	};
}

static void serve_start(struct site *site, const struct http_request *request,
			struct http_ticket ticket)
{
	struct str form = request->body;
	int pid = (int)number(form, "pid", INT32_MAX, (unsigned)site->options->pid);
	struct capture wanted = wanted_of(form, pid);
	struct error err;
	uint32_t id = 0;

	if (!may_capture(site, pid, &err) || !start(site, &wanted, &id, &err)) {
		site_refuse(site, ticket, err.code == ERROR_LIMIT ? 429 : 422, "%s",
			    err.text);
		return;
	}
	writer_format(site_text(site, ticket), "{\"id\":%u}", id);
	site_reply_text(site, ticket, "application/json");
}

static struct capture *find(struct site *site, unsigned id)
{
	for (size_t i = 0; i < CAPTURES_MAX; i++) {
		if (id != 0 && site->captures.captures[i].id == id)
			return &site->captures.captures[i];
	}
	return NULL;
}

// "how=stop" ends it early with what it has, anything else throws it away.
static void serve_cancel(struct site *site, const struct http_request *request,
			 struct http_ticket ticket)
{
	struct capture *capture = find(site, number(request->body, "id", UINT32_MAX, 0));
	char how[8];

	if (capture == NULL || capture->job == NULL) {
		site_refuse(site, ticket, 404, "there is no such capture (any more)");
		return;
	}
	if (str_equal(http_query_value(request->body, STR("how"), how, sizeof(how)),
		      STR("stop")) &&
	    capture->job->state == JOB_RUNNING)
		kill(capture->job->pid, SIGINT);
	else
		forget(capture);
	writer_text(site_text(site, ticket), "{}");
	site_reply_text(site, ticket, "application/json");
}

bool capture_serve(struct site *site, const struct http_request *request,
		   struct http_ticket ticket)
{
	bool is_post = request->method == HTTP_POST;

	if (!site->options->is_live || site->options->has_no_pages)
		return false;
	if (is_post && !str_starts_with(request->content_type,
					STR("application/x-www-form-urlencoded"))) {
		site_refuse(site, ticket, 415, "only forms are taken");
	} else if (is_post && str_equal(request->path, STR("/api/capture"))) {
		serve_start(site, request, ticket);
	} else if (is_post && str_equal(request->path, STR("/api/cancel"))) {
		serve_cancel(site, request, ticket);
	} else if (!is_post && (str_equal(request->path, STR("/api/capture")) ||
				str_equal(request->path, STR("/api/cancel")))) {
		site_refuse(site, ticket, 405, "this address changes something: POST");
	} else {
		return false;
	}
	return true;
}

static void finish(struct site *site, struct capture *capture)
{
	struct job *job = capture->job;
	struct process_status status = { .name = "" };
	struct profile *profile = NULL;
	struct error err = { .text = "the recording was ended" };
	char title[96];

	if (job->state == JOB_FAILED && job->result.n > 0)
		error_set(&err, ERROR_SYSTEM, "%.*s", (int)job->result.n, job->result.p);
	if (job->state == JOB_DONE && source_decode(job->result, &profile, &err)) {
		(void)process_read_status(capture->pid, &status);
		snprintf(title, sizeof(title), "%s of %s (%d), %u s", capture->kind,
			 status.name, capture->pid, capture->seconds);
		capture->profile_id = site_add_profile_take(site, profile, title);
	} else {
		snprintf(capture->error, sizeof(capture->error), "%.500s", err.text);
	}
	jobs_drop(job);
	capture->job = NULL;
}

void capture_collect(struct site *site)
{
	for (size_t i = 0; i < CAPTURES_MAX; i++) {
		struct capture *capture = &site->captures.captures[i];

		if (capture->job != NULL && job_is_ended(capture->job))
			finish(site, capture);
	}
}

static void write_one(const struct capture *capture, struct json *j)
{
	json_object_begin(j);
	json_key_i64(j, "id", capture->id);
	json_key_i64(j, "pid", capture->pid);
	json_key_string(j, "kind", str_from(capture->kind));
	json_key_i64(j, "seconds", capture->seconds);
	json_key_double(j, "elapsed", capture->progress->elapsed_seconds);
	json_key_i64(j, "samples", (int64_t)capture->progress->samples);
	json_key_bool(j, "isRunning", capture->job != NULL);
	json_key_i64(j, "profile", capture->profile_id);
	json_key_string(j, "error", str_from(capture->error));
	json_object_end(j);
}

void capture_write_state(struct site *site, struct json *j)
{
	json_key(j, "captures");
	json_array_begin(j);
	for (size_t i = 0; i < CAPTURES_MAX; i++) {
		if (site->captures.captures[i].id != 0)
			write_one(&site->captures.captures[i], j);
	}
	json_array_end(j);
}

void capture_deinit(struct site *site)
{
	for (size_t i = 0; i < CAPTURES_MAX; i++)
		forget(&site->captures.captures[i]);
}
