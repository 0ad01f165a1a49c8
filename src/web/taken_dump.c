// The pages on a dump are a server of their own, in a child: dump_site.h.
#include "web/taken_dump.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "heapdump/opened_dump.h"
#include "http/query.h"
#include "source/capture.h"
#include "source/heap_take.h"
#include "source/recorded_dump.h"
#include "web/dump_site.h"
#include "web/site_state.h"

enum { PAGES_SECONDS_MAX = 24 * 3600 };

bool taken_dump_is_kind(const char *kind)
{
	return strcmp(kind, "heapdump") == 0;
}

static void path_of(const struct recording *recording, char *path, size_t size)
{
	snprintf(path, size, "%s/heap.dump", recording->folder);
}

bool taken_dump_begin(struct recording *recording, struct error *err)
{
	const char *root = getenv("TMPDIR");
	int length;

	length = snprintf(recording->folder, sizeof(recording->folder),
			  "%s/goprof-dump-XXXXXX", root == NULL ? "/tmp" : root);
	if (length > 0 && (size_t)length < sizeof(recording->folder) &&
	    mkdtemp(recording->folder) != NULL)
		return true;
	recording->folder[0] = '\0';
	return error_set_errno(err, errno, "a folder for the dump");
}

// A process with libgoprof makes the dump itself; nothing is left half-way in it when
// nobody waits for the answer any more.
static bool take_recorded(const struct recording *recording,
			  const struct capture_target *target, const char *path,
			  struct error *err)
{
	recording->progress->is_harmless = true;
	return recorded_dump_take(target, false, path, err);
}

bool taken_dump_write(const struct recording *recording, struct error *err)
{
	const struct heap_take_options options = { .way = HEAP_TAKE_SNAPSHOT };
	struct capture_target target;
	struct heap_take_result result;
	char path[160];

	path_of(recording, path, sizeof(path));
	if (!capture_open(recording->pid, &target, err))
		return false;
	return target.class == CAPTURE_RECORDED
		       ? take_recorded(recording, &target, path, err)
		       : heap_take(&target, &options, path, &result, err);
}

// The file has another name until it is whole.
uint64_t taken_dump_size(const struct recording *recording)
{
	DIR *folder = recording->folder[0] == '\0' ? NULL : opendir(recording->folder);
	const struct dirent *entry;
	uint64_t size = 0;
	struct stat status;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (fstatat(dirfd(folder), entry->d_name, &status, 0) == 0 &&
		    S_ISREG(status.st_mode))
			size += (uint64_t)status.st_size;
	}
	if (folder != NULL)
		closedir(folder);
	return size;
}

void taken_dump_forget(struct recording *recording)
{
	char path[160];

	if (recording->pages != NULL)
		jobs_drop(recording->pages);
	recording->pages = NULL;
	if (recording->folder[0] == '\0')
		return;
	path_of(recording, path, sizeof(path));
	unlink(path);
	rmdir(recording->folder);
	recording->folder[0] = '\0';
}

static void tell(void *context, const char *url)
{
	struct recording_progress *progress = context;

	snprintf(progress->url, sizeof(progress->url), "%s", url);
}

// Runs in the child, until it is killed.
static bool run_pages(void *context, struct str key, struct writer *w, struct error *err)
{
	const struct recording *recording = context;
	const struct dump_site_options options = { .listen = "localhost:0",
						   .is_ready = tell,
						   .context = recording->progress };
	struct opened_dump dump;
	char path[160], program[64];

	(void)key;
	(void)w;
	path_of(recording, path, sizeof(path));
	snprintf(program, sizeof(program), "/proc/%d/exe", recording->pid);
	if (!opened_dump_open(path, access(program, R_OK) == 0 ? program : NULL, &dump,
			      err))
		return false;
	return dump_site_run(&dump, &options, err);
}

static bool open_pages(struct site *site, struct recording *recording, struct error *err)
{
	char key[32];

	if (!site->listener.is_loopback || site->listener.is_unix)
		return error_set(
			err, ERROR_PERMISSION,
			"a heap holds secrets, so its pages are for this machine "
			"alone: save the file and open it by goprof heapdump");
	if (recording->pages != NULL && !job_is_ended(recording->pages))
		return true;
	if (recording->pages != NULL)
		jobs_drop(recording->pages);
	snprintf(key, sizeof(key), "pages %u", recording->id);
	recording->pages = jobs_add(&site->jobs, str_from(key),
				    &(struct job_work){ .run = run_pages,
							.context = recording,
							.seconds_max = PAGES_SECONDS_MAX,
							.is_out_of_line = true });
	return recording->pages != NULL ||
	       error_set(err, ERROR_LIMIT, "too much runs at once; try again");
}

static struct recording *find(struct site *site, struct str form)
{
	char text[16];
	uint64_t id = 0;

	(void)str_to_u64(http_query_value(form, STR("id"), text, sizeof(text)), 10, &id);
	for (size_t i = 0; i < RECORDINGS_MAX; i++) {
		struct recording *one = &site->recordings.recordings[i];

		if (id != 0 && one->id == id && one->job == NULL &&
		    one->folder[0] != '\0' && one->error[0] == '\0')
			return one;
	}
	return NULL;
}

static void send_file(struct site *site, const struct recording *recording,
		      struct http_ticket ticket)
{
	char path[160];
	int fd;

	path_of(recording, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		site_refuse(site, ticket, 404, "the dump is gone: %s", strerror(errno));
	else
		site_reply_stream_take(site, ticket, fd,
				       "Content-Disposition: attachment; "
				       "filename=\"heap.dump\"\r\n");
}

bool taken_dump_serve(struct site *site, const struct http_request *request,
		      struct http_ticket ticket)
{
	bool is_post = request->method == HTTP_POST;
	bool is_file = !is_post && str_equal(request->path, STR("/api/dump"));
	struct recording *recording =
		find(site, is_post ? request->body : request->query);
	struct error err;

	if (!is_file && !(is_post && str_equal(request->path, STR("/api/open"))))
		return false;
	if (recording == NULL) {
		site_refuse(site, ticket, 404, "there is no such dump (any more)");
	} else if (is_file) {
		send_file(site, recording, ticket);
	} else if (open_pages(site, recording, &err)) {
		writer_text(site_text(site, ticket), "{}");
		site_reply_text(site, ticket, "application/json");
	} else {
		site_refuse(site, ticket, 422, "%s", err.text);
	}
	return true;
}
