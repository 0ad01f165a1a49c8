// A capture is a job whose result is a profile file; its progress is a page of shared
// memory.
#include "web/recording.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "http/query.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "source/capture.h"
#include "source/record.h"
#include "source/source.h"
#include "target/process.h"
#include "web/process_answers.h"
#include "web/site_state.h"
#include "web/taken_dump.h"

enum { SECONDS_DEFAULT = 10, GRACE_SECONDS = 60 };

static void note_progress(void *context, const struct record_progress *progress)
{
	struct recording_progress *shared = context;

	shared->elapsed_seconds = progress->elapsed_seconds;
	shared->samples = progress->samples;
}

static bool record_cpu_time(const struct recording *recording, struct writer *w,
			    struct error *err)
{
	const struct source_spec source = { .kind = SOURCE_PROCESS,
					    .pid = recording->pid };
	const struct record_options options = {
		.seconds = recording->seconds,
		.rate_hz = recording->rate_hz,
		.progress = note_progress,
		.context = recording->progress,
	};
	struct record_result result;

	if (!record_cpu(&source, &options, &result, err))
		return false;
	proto_encode_gzip(result.profile, w);
	return true;
}

static bool record_kind(const struct recording *recording, struct writer *w,
			struct error *err)
{
	const struct capture_options options = {
		.seconds = recording->seconds,
		.sampled.collects = recording->collects,
	};
	const struct capture_row *row;
	struct capture_notes notes = { 0 };
	struct capture_target target;
	struct profile *profile;

	if (!capture_open(recording->pid, &target, err))
		return false;
	row = capture_find(&target, recording->kind, err);
	if (row == NULL || !row->profile(&target, &options, &notes, &profile, err))
		return false;
	for (size_t i = 0; i < notes.count; i++)
		profile_add_comment(profile, notes.texts[i]);
	proto_encode_gzip(profile, w);
	return true;
}

// Runs in the child, whose end frees everything.
bool recording_take(void *context, struct str key, struct writer *w, struct error *err)
{
	const struct recording *recording = context;

	(void)key;
	if (taken_dump_is_kind(recording->kind))
		return taken_dump_write(recording, err);
	if (strcmp(recording->kind, "cpu") == 0)
		return record_cpu_time(recording, w, err);
	return record_kind(recording, w, err);
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
static struct recording *place_for_recording(struct recordings *recordings)
{
	struct recording *oldest = NULL;

	for (size_t i = 0; i < RECORDINGS_MAX; i++) {
		struct recording *recording = &recordings->recordings[i];

		if (recording->id == 0)
			return recording;
		if (recording->job == NULL &&
		    (oldest == NULL || recording->id < oldest->id))
			oldest = recording;
	}
	return oldest;
}

static void forget(struct recording *recording)
{
	if (recording->job != NULL)
		jobs_drop(recording->job);
	taken_dump_forget(recording);
	if (recording->progress != NULL)
		munmap(recording->progress, sizeof(*recording->progress));
	*recording = (struct recording){ .id = 0 };
}

static bool start(struct site *site, const struct recording *wanted, uint32_t *id,
		  struct error *err)
{
	struct recording *recording = place_for_recording(&site->recordings);
	struct recording_progress *progress;
	char key[32];

	if (recording == NULL)
		return error_set(err, ERROR_LIMIT, "%d captures run already",
				 RECORDINGS_MAX);
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		return error_set(err, ERROR_SYSTEM, "no memory for a capture");
	forget(recording);
	*recording = *wanted;
	recording->start_ms = clock_now_ms();
	recording->id = ++site->recordings.last_id;
	recording->progress = progress;
	if (taken_dump_is_kind(recording->kind) && !taken_dump_begin(recording, err)) {
		forget(recording);
		return false;
	}
	snprintf(key, sizeof(key), "capture %u", recording->id);
	recording->job = jobs_add(
		&site->jobs, str_from(key),
		&(struct job_work){
			.run = recording_take,
			.context = recording,
			.seconds_max = taken_dump_is_kind(recording->kind)
					       ? RECORDING_SECONDS_MAX
					       : recording->seconds + GRACE_SECONDS,
			.is_out_of_line = true,
		});
	*id = recording->id;
	if (recording->job != NULL)
		return true;
	forget(recording);
	return error_set(err, ERROR_LIMIT, "too many reports at once; try again");
}

bool recording_is_allowed(const struct site *site, int pid, struct error *err)
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

// Kinds other than cpu are taken at once where no seconds are asked for; with seconds
// they tell what has changed meanwhile, or look for as long.
static struct recording wanted_of(struct str form, int pid)
{
	struct recording wanted = {
		.pid = pid,
		.kind = "cpu",
		.rate_hz = number(form, "rate", RECORD_RATE_MAX, 0),
	};
	char buffer[sizeof(wanted.kind) - 1];
	struct str kind = http_query_value(form, STR("kind"), buffer, sizeof(buffer));

	if (kind.n > 0)
		snprintf(wanted.kind, sizeof(wanted.kind), "%.*s", (int)kind.n, kind.p);
	wanted.seconds = number(form, "seconds", RECORDING_SECONDS_MAX,
				strcmp(wanted.kind, "cpu") == 0 ? SECONDS_DEFAULT : 0);
	return wanted;
}

static void serve_start(struct site *site, const struct http_request *request,
			struct http_ticket ticket)
{
	struct str form = request->body;
	int pid = (int)number(form, "pid", INT32_MAX, (unsigned)site->options->pid);
	struct recording wanted = wanted_of(form, pid);
	struct error err;
	uint32_t id = 0;

	if (!recording_is_allowed(site, pid, &err) || !start(site, &wanted, &id, &err)) {
		site_refuse(site, ticket, err.code == ERROR_LIMIT ? 429 : 422, "%s",
			    err.text);
		return;
	}
	writer_format(site_text(site, ticket), "{\"id\":%u}", id);
	site_reply_text(site, ticket, "application/json");
}

static struct recording *find(struct site *site, unsigned id)
{
	for (size_t i = 0; i < RECORDINGS_MAX; i++) {
		if (id != 0 && site->recordings.recordings[i].id == id)
			return &site->recordings.recordings[i];
	}
	return NULL;
}

// "how=stop" ends it early with what it has, anything else throws it away.
static void serve_cancel(struct site *site, const struct http_request *request,
			 struct http_ticket ticket)
{
	struct recording *recording =
		find(site, number(request->body, "id", UINT32_MAX, 0));
	char how[8];

	if (recording == NULL || recording->job == NULL) {
		site_refuse(site, ticket, 404, "there is no such capture (any more)");
		return;
	}
	if (str_equal(http_query_value(request->body, STR("how"), how, sizeof(how)),
		      STR("stop")) &&
	    !taken_dump_is_kind(recording->kind) && recording->job->state == JOB_RUNNING)
		kill(recording->job->pid, SIGINT);
	else if (taken_dump_is_kind(recording->kind) && !recording->progress->is_harmless)
		recording->is_unwanted = true;
	else
		forget(recording);
	writer_text(site_text(site, ticket), "{}");
	site_reply_text(site, ticket, "application/json");
}

bool recording_serve(struct site *site, const struct http_request *request,
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
		return process_answers_serve(site, request, ticket) ||
		       taken_dump_serve(site, request, ticket);
	}
	return true;
}

static void finish(struct site *site, struct recording *recording)
{
	struct job *job = recording->job;
	struct process_status status = { .name = "" };
	struct profile *profile = NULL;
	struct error err = { .text = "the recording was ended" };
	char title[96];

	if (job->state == JOB_FAILED && job->result.n > 0)
		error_set(&err, ERROR_SYSTEM, "%.*s", (int)job->result.n, job->result.p);
	if (job->state == JOB_DONE && recording->folder[0] != '\0') {
		recording->is_dumped = true;
	} else if (job->state == JOB_DONE && source_decode(job->result, &profile, &err)) {
		(void)process_read_status(recording->pid, &status);
		snprintf(title, sizeof(title), "%s of %s (%d)", recording->kind,
			 status.name, recording->pid);
		if (recording->seconds > 0)
			snprintf(title + strlen(title), sizeof(title) - strlen(title),
				 ", %u s", recording->seconds);
		recording->profile_id = site_add_profile_take(site, profile, title);
	} else {
		snprintf(recording->error, sizeof(recording->error), "%.500s", err.text);
	}
	jobs_drop(job);
	recording->job = NULL;
}

void recording_collect(struct site *site)
{
	for (size_t i = 0; i < RECORDINGS_MAX; i++) {
		struct recording *recording = &site->recordings.recordings[i];

		if (recording->job == NULL || !job_is_ended(recording->job))
			continue;
		if (recording->is_unwanted)
			forget(recording);
		else
			finish(site, recording);
	}
}

// CPU time is recorded from when the target's threads were found, all else at once.
static double elapsed_seconds(const struct recording *recording)
{
	if (strcmp(recording->kind, "cpu") == 0)
		return recording->progress->elapsed_seconds;
	return (double)(clock_now_ms() - recording->start_ms) / 1000;
}

static void write_one(const struct recording *recording, struct json *j)
{
	const struct job *pages = recording->pages;
	const char *error = pages != NULL && job_is_ended(pages)
				    ? "the dump could not be opened"
				    : recording->error;

	json_object_begin(j);
	json_key_i64(j, "id", recording->id);
	json_key_i64(j, "pid", recording->pid);
	json_key_string(j, "kind", str_from(recording->kind));
	json_key_i64(j, "seconds", recording->seconds);
	json_key_double(j, "elapsed", elapsed_seconds(recording));
	json_key_i64(j, "bytes", (int64_t)taken_dump_size(recording));
	json_key_i64(j, "samples", (int64_t)recording->progress->samples);
	json_key_bool(j, "isRunning", recording->job != NULL);
	json_key_i64(j, "profile", recording->profile_id);
	json_key_bool(j, "isDumped", recording->is_dumped);
	json_key_string(j, "url", str_from(recording->progress->url));
	json_key_string(j, "error", str_from(error));
	json_object_end(j);
}

void recording_write_state(struct site *site, struct json *j)
{
	json_key(j, "recordings");
	json_array_begin(j);
	for (size_t i = 0; i < RECORDINGS_MAX; i++) {
		if (site->recordings.recordings[i].id != 0 &&
		    !site->recordings.recordings[i].is_unwanted)
			write_one(&site->recordings.recordings[i], j);
	}
	json_array_end(j);
}

void recording_deinit(struct site *site)
{
	for (size_t i = 0; i < RECORDINGS_MAX; i++) {
		struct recording *recording = &site->recordings.recordings[i];

		if (recording->job != NULL && taken_dump_is_kind(recording->kind))
			jobs_await(&site->jobs, recording->job);
		forget(recording);
	}
}
