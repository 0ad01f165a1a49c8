// Each process leaves a dump of its pointers in a folder of our own.
#include "cmd/run_leaks.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/writer.h"
#include "heapdump/heap.h"
#include "heapdump/heap_open.h"
#include "heapdump/leaks.h"
#include "heapdump/leaks_text.h"

bool run_leaks_open(struct run_leaks *leaks, struct error *err)
{
	const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	snprintf(leaks->folder, sizeof(leaks->folder), "%s/goprof-leaks-XXXXXX", place);
	return mkdtemp(leaks->folder) != NULL ||
	       error_set_errno(err, errno, "%s", leaks->folder);
}

void run_leaks_pattern(const struct run_leaks *leaks, char path[RUN_LEAKS_PATH_MAX + 16])
{
	snprintf(path, RUN_LEAKS_PATH_MAX + 16, "%s/%%p.dump", leaks->folder);
}

// In the order of names; "." and others of no dump are left out.
static int is_dump(const struct dirent *entry)
{
	return str_ends_with(str_from(entry->d_name), STR(".dump"));
}

// A process's dump, whose name begins with the process id.
struct found {
	const char *name;
	const struct heap *heap;
	const struct leaks *leaks;
};

static void write_text(const struct found *found, struct writer *w)
{
	writer_format(w, "leak check of %.*s (process %.*s)\n",
		      (int)found->heap->program.n, found->heap->program.p,
		      (int)strcspn(found->name, "."), found->name);
	if (found->heap->quality.is_incomplete)
		writer_text(w, "some blocks are missing: the tables were full\n");
	leaks_text(found->leaks, found->heap, 0, w);
}

static void write_json(const struct found *found, struct writer *w)
{
	struct json json = json_to(w);

	json_object_begin(&json);
	json_key_string(&json, "program", found->heap->program);
	json_key_i64(&json, "process", strtol(found->name, NULL, 10));
	json_key(&json, "is_incomplete");
	json_bool(&json, found->heap->quality.is_incomplete);
	leaks_text_json(found->leaks, found->heap, 0, &json);
	json_object_end(&json);
	writer_char(w, '\n');
}

static bool report_one(const struct run_leaks *run, const char *path, const char *name,
		       bool *has_lost, struct error *err)
{
	struct writer w = writer_to_fd(STDERR_FILENO);
	struct found found = { .name = name };
	struct heap heap;
	struct leaks leaks;
	bool is_written;

	if (!heap_open(path, &heap, err))
		return false;
	leaks_init(&leaks, &heap, NAMING_BY_SITE);
	*has_lost |= leaks.totals[LEAKS_DEFINITE].count > 0 ||
		     leaks.totals[LEAKS_POSSIBLE].count > 0;
	found.heap = &heap;
	found.leaks = &leaks;
	if (run->is_json)
		write_json(&found, &w);
	else
		write_text(&found, &w);
	is_written = writer_finish(&w, err);
	writer_deinit(&w);
	leaks_deinit(&leaks);
	heap_deinit(&heap);
	return is_written;
}

// Calls `each` for every dump until one fails; -1 where the folder cannot be read.
static int visit(const struct run_leaks *leaks,
		 bool (*each)(const struct run_leaks *leaks, const char *path,
			      const char *name, bool *has_lost, struct error *err),
		 bool *has_lost, struct error *err)
{
	struct dirent **entries = NULL;
	int count = scandir(leaks->folder, &entries, is_dump, alphasort), failed = 0;

	for (int i = 0; i < count; i++) {
		char path[RUN_LEAKS_PATH_MAX + 256];

		snprintf(path, sizeof(path), "%s/%s", leaks->folder, entries[i]->d_name);
		failed |= failed == 0 &&
			  !each(leaks, path, entries[i]->d_name, has_lost, err);
		free(entries[i]);
	}
	free(entries);
	return failed ? -1 : count;
}

bool run_leaks_report(const struct run_leaks *leaks, bool *has_lost, struct error *err)
{
	int count;

	*has_lost = false;
	count = visit(leaks, report_one, has_lost, err);
	if (count == 0)
		return error_set(err, ERROR_NOT_FOUND,
				 "no process came to its end by exit or return, so there "
				 "is nothing to check for leaks");
	return count > 0;
}

static bool remove_one(const struct run_leaks *leaks, const char *path, const char *name,
		       bool *has_lost, struct error *err)
{
	(void)leaks;
	(void)name;
	(void)has_lost;
	(void)err;
	unlink(path);
	return true;
}

void run_leaks_close(struct run_leaks *leaks)
{
	struct error ignored;
	bool unused = false;

	visit(leaks, remove_one, &unused, &ignored);
	rmdir(leaks->folder);
}
