// Plain HTML, so that it is of use with curl, too.
#include "web/endpoints_index.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "base/writer.h"
#include "source/capture.h"
#include "target/process.h"

#define IF_GO "go"

static const struct endpoint {
	const char *path;
	const char *kind; // of source/capture.h, or IF_GO; "": of every process
	const char *query, *meaning;
} endpoints[] = {
	{ "allocs", "allocs", "?debug=1", "all memory allocations so far, sampled" },
	{ "block", "block", "?debug=1", "where the program waited on synchronization" },
	{ "cmdline", "", "", "the program; its arguments with --command-line" },
	{ "goroutine", "goroutine", "?debug=1", "stacks of all goroutines" },
	{ "goroutine", "goroutine", "?debug=2",
	  "the same in full, as a panic prints them" },
	{ "heap", "heap", "?debug=1", "memory of live objects, sampled" },
	{ "leaks", "leaks", "?debug=1", "goroutines that nothing can wake any more" },
	{ "mutex", "mutex", "?debug=1", "who held the mutexes that others waited for" },
	{ "profile", "cpu", "?seconds=10", "CPU time, for as many seconds" },
	{ "threadcreate", "threadcreate", "?debug=1", "what started system threads" },
	{ "threads", "threads", "?debug=1", "stacks of all threads" },
	{ "wall", "wall", "?seconds=10", "where time passes, running or waiting" },
	{ "gctrace", IF_GO, "", "a line for each collection, as it ends" },
	{ "schedtrace", "", "", "a line a second about its threads and processors" },
};

static bool has_word(struct str words, struct str wanted)
{
	struct str word;

	while (str_cut(&words, ' ', &word)) {
		if (str_equal(word, wanted))
			return true;
	}
	return false;
}

static void write_name(struct str name, struct writer *w)
{
	for (size_t i = 0; i < name.n; i++) {
		if (strchr("<>&\"", name.p[i]) == NULL)
			writer_char(w, name.p[i]);
	}
}

static bool has_kind(const struct capture_target *target, struct str kinds,
		     const char *kind)
{
	if (strcmp(kind, IF_GO) == 0)
		return target->go != NULL;
	return kind[0] == '\0' || has_word(kinds, str_from(kind));
}

static void write_rows(const struct capture_target *target, struct str kinds,
		       struct writer *w)
{
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		const struct endpoint *one = &endpoints[i];

		if (!has_kind(target, kinds, one->kind))
			continue;
		writer_format(w, "<li><a href=\"%s%s\">%s%s</a>: %s</li>\n", one->path,
			      one->query, one->path, one->query, one->meaning);
	}
}

bool endpoints_index_write(int pid, struct writer *w, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct process_status status = { .name = "" };
	struct capture_target target;

	if (!capture_open(pid, &target, err))
		return false;
	(void)process_read_status(pid, &status);
	writer_format(w,
		      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		      "<title>/debug/pprof/</title>\n<p>Profiles of process %d (",
		      pid);
	write_name(str_from(status.name), w);
	writer_text(w, "), taken from outside by goprof:</p>\n<ul>\n");
	write_rows(&target, capture_kinds(target.class, &scratch), w);
	writer_text(
		w,
		"</ul>\n<p>Without debug= each is a profile for `go tool pprof`, with "
		"debug=1 or 2 text. seconds= is for how long: of profile 30 unless "
		"given, of heap, block and the like what changes meanwhile, of gctrace "
		"and schedtrace until you leave. period= of schedtrace is in "
		"milliseconds. gc=1 collects garbage before heap, where the server was "
		"started with --allow-gc.</p>\n");
	capture_close(&target);
	return true;
}
