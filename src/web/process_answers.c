// Opening a Go program may read much of its binary, so jobs in children do it.
#include "web/process_answers.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "golang/memory_parts.h"
#include "golang/memstats.h"
#include "golang/memstats_text.h"
#include "http/query.h"
#include "source/capture.h"
#include "source/capture_memstats.h"
#include "target/memory_view.h"
#include "target/memory_view_text.h"
#include "target/process.h"
#include "web/site_state.h"

static bool write_memory(const struct capture_target *target, struct writer *w,
			 struct error *err)
{
	struct memory_parts parts;
	struct memory_view view;

	if (target->go != NULL) {
		if (!memory_parts_read(target->go, &parts, err))
			return false;
		memory_parts_write_text(&parts, w);
		return true;
	}
	if (!memory_view_read(target->pid, &view, err))
		return false;
	memory_view_text_write(&view, w);
	memory_view_deinit(&view);
	return true;
}

static bool write_native_memstats(const struct capture_target *target, struct writer *w,
				  struct error *err)
{
	struct capture_notes notes = { 0 };
	struct capture_memstats stats;
	bool is_read = capture_memstats_read(target, &stats, &notes, err);

	if (is_read)
		capture_memstats_table(&stats, w);
	for (size_t i = 0; is_read && i < notes.count; i++)
		writer_format(w, "\n%.*s\n", (int)notes.texts[i].n, notes.texts[i].p);
	capture_notes_deinit(&notes);
	return is_read;
}

static bool write_memstats(const struct capture_target *target, struct writer *w,
			   struct error *err)
{
	struct memstats stats;

	if (target->go == NULL)
		return write_native_memstats(target, w, err);
	if (!memstats_read(target->go, &stats, err))
		return false;
	memstats_text_table(&stats, w);
	return true;
}

// What a page shows at once and again, in words.
static const struct numbers {
	const char *kind;
	bool (*write)(const struct capture_target *target, struct writer *w,
		      struct error *err);
} numbers[] = {
	{ "memory", write_memory },
	{ "memstats", write_memstats },
};

static const struct numbers *find_numbers(struct str kind)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (str_equal(kind, str_from(numbers[i].kind)))
			return &numbers[i];
	}
	return NULL;
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
	case CAPTURE_NATIVE_CORE:
		break;
	}
	return "";
}

static void write_words(struct json *j, const char *key, struct str words)
{
	struct str word;

	json_key(j, key);
	json_array_begin(j);
	while (str_cut(&words, ' ', &word)) {
		json_object_begin(j);
		json_key_string(j, "name", word);
		json_object_end(j);
	}
	json_array_end(j);
}

static void write_kinds(const struct capture_target *target, struct json *j)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	bool is_go = target->class == CAPTURE_GO_LIVE;

	json_key_string(j, "what", str_from(class_words(target->class)));
	write_words(j, "kinds", capture_kinds(target->class, &scratch));
	write_words(j, "numbers", STR("memory memstats"));
	write_words(j, "streams", is_go ? STR("gctrace schedtrace") : STR("schedtrace"));
	json_key_bool(j, "givesDump", is_go || target->class == CAPTURE_RECORDED);
}

static bool write_process(struct capture_target *target, struct writer *w)
{
	struct process_status status = { .name = "" };
	struct json j = json_to(w);

	(void)process_read_status(target->pid, &status);
	json_object_begin(&j);
	json_key_i64(&j, "pid", target->pid);
	json_key_string(&j, "name", str_from(status.name));
	write_kinds(target, &j);
	json_object_end(&j);
	return true;
}

// Runs in the child. The key is "process 3.7 KIND 1234", KIND "-" for what there is.
static bool run(void *context, struct str key, struct writer *w, struct error *err)
{
	struct capture_target target;
	char kind[16];
	int pid;

	(void)context;
	if (key.n > 100 || sscanf(key.p, "process %*s %15s %d", kind, &pid) != 2)
		return error_set(err, ERROR_USAGE, "the address names no process");
	if (!capture_open(pid, &target, err))
		return false;
	if (kind[0] == '-')
		return write_process(&target, w);
	return find_numbers(str_from(kind))->write(&target, w, err);
}

static void serve(struct site *site, struct http_ticket ticket, const char *kind, int pid)
{
	const struct job_work work = { .run = run };
	struct job *job;
	char key[100];

	// Never found again: what a process gives may change.
	snprintf(key, sizeof(key), "process %u.%u %s %d", ticket.slot, ticket.serial,
		 kind, pid);
	job = jobs_add(&site->jobs, str_from(key), &work);
	if (job == NULL)
		site_refuse(site, ticket, 503, "too many requests at once; try again");
	else
		site_await(site, ticket, job, kind[0] == '-' ? "application/json" : NULL,
			   NULL);
}

static void serve_stream(struct site *site, struct http_ticket ticket, struct str kind,
			 int pid)
{
	const struct stream_wish wish = { .kind = kind, .pid = pid };
	struct error err;
	int stream;

	if (streams_start(&site->streams, &wish, &stream, &err))
		site_reply_stream_take(site, ticket, stream, NULL);
	else
		site_refuse(site, ticket, err.code == ERROR_LIMIT ? 429 : 422, "%s",
			    err.text);
}

static int pid_of(const struct site *site, struct str query)
{
	char text[16];
	uint64_t pid;

	if (!str_to_u64(http_query_value(query, STR("pid"), text, sizeof(text)), 10,
			&pid) ||
	    pid == 0 || pid > INT32_MAX)
		return site->options->pid;
	return (int)pid;
}

bool process_answers_serve(struct site *site, const struct http_request *request,
			   struct http_ticket ticket)
{
	bool is_process = str_equal(request->path, STR("/api/process"));
	bool is_stream = str_equal(request->path, STR("/api/stream"));
	int pid = pid_of(site, request->query);
	const struct numbers *wanted;
	struct error err;
	char buffer[16];
	struct str kind =
		http_query_value(request->query, STR("kind"), buffer, sizeof(buffer));

	if (request->method == HTTP_POST ||
	    !(is_process || is_stream || str_equal(request->path, STR("/api/numbers"))))
		return false;
	wanted = find_numbers(kind);
	if (!recording_is_allowed(site, pid, &err))
		site_refuse(site, ticket, 422, "%s", err.text);
	else if (is_process)
		serve(site, ticket, "-", pid);
	else if (is_stream && stream_is_kind(kind))
		serve_stream(site, ticket, kind, pid);
	else if (!is_stream && wanted != NULL)
		serve(site, ticket, wanted->kind, pid);
	else
		site_refuse(site, ticket, 404, "there are no such numbers or lines");
	return true;
}
