// goprof memory: what the memory of a process is made of.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/writer.h"
#include "cmd/command.h"
#include "cmd/option_word.h"
#include "source/source.h"
#include "target/memory_view.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, ROWS = 20 };

static const char usage[] =
	"usage: goprof memory PID [options]\n"
	"\n"
	"Shows what the memory of a process is made of, by kind and by file, in kB; the\n"
	"kinds add up to its RSS. rss is in memory, pss the same with shared pages "
	"divided\n"
	"among those who share them, dirty what the process wrote and alone holds. "
	"Nothing\n"
	"is stopped.\n"
	"\n"
	"  --count=N        files to show; 0: all (20)\n"
	"  --json           the same as JSON, in bytes\n";

struct memory_request {
	int pid;
	uint64_t count;
	bool is_json;
};

static bool take_word(struct memory_request *request, int argc, char **argv, int *at,
		      struct error *err)
{
	struct source_spec spec;
	const char *value;

	if (option_word_switch(argv, at, "json", &request->is_json))
		return true;
	if (option_word_value(argc, argv, at, "count", &value))
		return (value != NULL &&
			str_to_u64(str_from(value), 10, &request->count)) ||
		       error_set(err, ERROR_USAGE, "--count wants a number, not %s",
				 value == NULL ? "nothing" : value);
	if (argv[*at][0] == '-')
		return error_set(err, ERROR_USAGE,
				 "%s: memory has no such option: try goprof help memory",
				 argv[*at]);
	if (!source_parse(argv[*at], &spec, err))
		return false;
	if (request->pid != 0 || spec.kind != SOURCE_PROCESS)
		return error_set(
			err, ERROR_USAGE,
			"%s: memory wants one process id: try goprof help memory",
			argv[*at]);
	request->pid = spec.pid;
	*at += 1;
	return true;
}

static void write_sizes(const struct memory_view_sizes *sizes, struct writer *w)
{
	writer_format(w,
		      "%10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %8" PRIu64
		      " %8" PRIu64 "  ",
		      sizes->rss / 1024, sizes->pss / 1024, sizes->dirty / 1024,
		      sizes->size / 1024, sizes->swap / 1024, sizes->mappings);
}

static void write_text(const struct memory_view *view, size_t most, struct writer *w)
{
	static const char head[] = "       rss        pss      dirty       size     swap "
				   "mappings  ";

	writer_format(w, "%skind\n", head);
	for (size_t i = 0; i < MEMORY_VIEW_KIND_COUNT; i++) {
		if (view->kinds[i].mappings == 0)
			continue;
		write_sizes(&view->kinds[i], w);
		writer_format(w, "%s\n", memory_view_kind_name((enum memory_view_kind)i));
	}
	write_sizes(&view->total, w);
	writer_format(w,
		      "total (the kernel's own count is %" PRIu64 ", at most %" PRIu64
		      " so far)\n\n%skind and file\n",
		      view->rss_stated / 1024, view->rss_peak / 1024, head);
	for (size_t i = 0; i < view->count && (most == 0 || i < most); i++) {
		const struct memory_view_row *row = &view->rows[i];

		write_sizes(&row->sizes, w);
		writer_format(w, "%s %.*s\n", memory_view_kind_name(row->kind),
			      (int)row->name.n, row->name.p);
	}
}

static void write_sizes_json(const struct memory_view_sizes *sizes, struct json *json)
{
	json_key_i64(json, "rss", (int64_t)sizes->rss);
	json_key_i64(json, "pss", (int64_t)sizes->pss);
	json_key_i64(json, "dirty", (int64_t)sizes->dirty);
	json_key_i64(json, "size", (int64_t)sizes->size);
	json_key_i64(json, "swap", (int64_t)sizes->swap);
	json_key_i64(json, "mappings", (int64_t)sizes->mappings);
}

static void write_json(const struct memory_view *view, size_t most, struct writer *w)
{
	struct json json = json_to(w);

	json.is_pretty = true;
	json_object_begin(&json);
	json_key_i64(&json, "rss_stated", (int64_t)view->rss_stated);
	json_key_i64(&json, "rss_peak", (int64_t)view->rss_peak);
	json_key(&json, "total");
	json_object_begin(&json);
	write_sizes_json(&view->total, &json);
	json_object_end(&json);
	json_key(&json, "kinds");
	json_object_begin(&json);
	for (size_t i = 0; i < MEMORY_VIEW_KIND_COUNT; i++) {
		json_key(&json, memory_view_kind_name((enum memory_view_kind)i));
		json_object_begin(&json);
		write_sizes_json(&view->kinds[i], &json);
		json_object_end(&json);
	}
	json_object_end(&json);
	json_key(&json, "rows");
	json_array_begin(&json);
	for (size_t i = 0; i < view->count && (most == 0 || i < most); i++) {
		json_object_begin(&json);
		json_key_string(&json, "kind",
				str_from(memory_view_kind_name(view->rows[i].kind)));
		json_key_string(&json, "name", view->rows[i].name);
		write_sizes_json(&view->rows[i].sizes, &json);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	writer_char(w, '\n');
}

static bool show(const struct memory_request *request, struct error *err)
{
	struct memory_view view;
	struct writer w;
	bool is_written;

	if (!memory_view_read(request->pid, &view, err))
		return false;
	w = writer_to_fd(STDOUT_FILENO);
	if (request->is_json)
		write_json(&view, (size_t)request->count, &w);
	else
		write_text(&view, (size_t)request->count, &w);
	is_written = writer_finish(&w, err);
	writer_deinit(&w);
	memory_view_deinit(&view);
	return is_written || error_wrap(err, "standard output");
}

static int run(int argc, char **argv)
{
	struct memory_request request = { .count = ROWS };
	struct error err;
	bool is_done = true;
	int at = 1;

	while (at < argc && is_done)
		is_done = take_word(&request, argc, argv, &at, &err);
	if (is_done && request.pid == 0)
		is_done = error_set(&err, ERROR_USAGE,
				    "memory wants a process id: try goprof help memory");
	if (is_done && show(&request, &err))
		return 0;
	fprintf(stderr, "goprof: %s\n", err.text);
	return err.code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_memory = {
	.name = "memory",
	.summary = "show what the memory of a process is made of",
	.usage = usage,
	.run = run,
};
