// A capture is a job whose result is a profile file; its progress is a page of shared
// memory.
#include "web/recording.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "http/query.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "source/capture.h"
#include "source/record.h"
#include "source/source.h"
#include "target/process.h"
#include "web/site_state.h"

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
	recording->id = ++site->recordings.last_id;
	recording->progress = progress;
	snprintf(key, sizeof(key), "capture %u", recording->id);
	recording->job =
		jobs_add(&site->jobs, str_from(key),
			 &(struct job_work){
				 .run = recording_take,
				 .context = recording,
				 .seconds_max = recording->seconds + GRACE_SECONDS,
				 .is_out_of_line = true,
			 });
	*id = recording->id;
	if (recording->job != NULL)
		return true;
	forget(recording);
	return error_set(err, ERROR_LIMIT, "too many reports at once; try again");
}

static bool may_record(const struct site *site, int pid, struct error *err)
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

	if (!may_record(site, pid, &err) || !start(site, &wanted, &id, &err)) {
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
	    recording->job->state == JOB_RUNNING)
		kill(recording->job->pid, SIGINT);
	else
		forget(recording);
	writer_text(site_text(site, ticket), "{}");
	site_reply_text(site, ticket, "application/json");
}

static const char *class_words(enum capture_class class)
{
	switch (class) {
	case CAPTURE_GO_LIVE:
		return "A Go program, read from outside.";
	case CAPTURE_RECORDED:
		return "A program with libgoprof, which is asked.";
	case CAPTURE_NATIVE:
		return "A program that is neither Go nor has libgoprof: its CPU time is "
		       "measured from outside.";
	case CAPTURE_GO_CORE:
		break;
	}
	return "";
}

static void write_kinds(struct capture_target *target, struct json *j)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str rest = capture_kinds(target->class, &scratch), kind;

	json_key_string(j, "what", str_from(class_words(target->class)));
	json_key(j, "kinds");
	json_array_begin(j);
	while (str_cut(&rest, ' ', &kind)) {
		json_object_begin(j);
		json_key_string(j, "name", kind);
		json_object_end(j);
	}
	json_array_end(j);
}

// Runs in the child: opening a Go program may read much of its binary. The key ends with
// the process.
static bool write_process(void *context, struct str key, struct writer *w,
			  struct error *err)
{
	struct process_status status = { .name = "" };
	struct json j = json_to(w);
	struct capture_target target;
	int64_t pid;

	(void)context;
	if (!str_to_i64(str_after(key, (size_t)str_find_last_char(key, ' ') + 1), 10,
			&pid))
		return error_set(err, ERROR_USAGE, "the address names no process");
	if (!capture_open((int)pid, &target, err))
		return false;
	(void)process_read_status((int)pid, &status);
	json_object_begin(&j);
	json_key_i64(&j, "pid", pid);
	json_key_string(&j, "name", str_from(status.name));
	write_kinds(&target, &j);
	json_object_end(&j);
	capture_close(&target);
	return true;
}

// What one process can give.
static void serve_process(struct site *site, const struct http_request *request,
			  struct http_ticket ticket)
{
	int pid = (int)number(request->query, "pid", INT32_MAX,
			      (unsigned)site->options->pid);
	const struct job_work work = { .run = write_process };
	struct error err;
	struct job *job;
	char key[64];

	if (!may_record(site, pid, &err)) {
		site_refuse(site, ticket, 422, "%s", err.text);
		return;
	}
	// Never found again: what a process gives may change.
	snprintf(key, sizeof(key), "process %u.%u %d", ticket.slot, ticket.serial, pid);
	job = jobs_add(&site->jobs, str_from(key), &work);
	if (job == NULL)
		site_refuse(site, ticket, 503, "too many requests at once; try again");
	else
		site_await(site, ticket, job, "application/json", NULL);
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
	} else if (!is_post && str_equal(request->path, STR("/api/process"))) {
		serve_process(site, request, ticket);
	} else if (!is_post && (str_equal(request->path, STR("/api/capture")) ||
				str_equal(request->path, STR("/api/cancel")))) {
		site_refuse(site, ticket, 405, "this address changes something: POST");
	} else {
		return false;
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
	if (job->state == JOB_DONE && source_decode(job->result, &profile, &err)) {
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

		if (recording->job != NULL && job_is_ended(recording->job))
			finish(site, recording);
	}
}

static void write_one(const struct recording *recording, struct json *j)
{
	json_object_begin(j);
	json_key_i64(j, "id", recording->id);
	json_key_i64(j, "pid", recording->pid);
	json_key_string(j, "kind", str_from(recording->kind));
	json_key_i64(j, "seconds", recording->seconds);
	json_key_double(j, "elapsed", recording->progress->elapsed_seconds);
	json_key_i64(j, "samples", (int64_t)recording->progress->samples);
	json_key_bool(j, "isRunning", recording->job != NULL);
	json_key_i64(j, "profile", recording->profile_id);
	json_key_string(j, "error", str_from(recording->error));
	json_object_end(j);
}

void recording_write_state(struct site *site, struct json *j)
{
	json_key(j, "recordings");
	json_array_begin(j);
	for (size_t i = 0; i < RECORDINGS_MAX; i++) {
		if (site->recordings.recordings[i].id != 0)
			write_one(&site->recordings.recordings[i], j);
	}
	json_array_end(j);
}

void recording_deinit(struct site *site)
{
	for (size_t i = 0; i < RECORDINGS_MAX; i++)
		forget(&site->recordings.recordings[i]);
}
