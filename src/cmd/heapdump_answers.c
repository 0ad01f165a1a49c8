// Opens, computes, writes; what is computed and how it looks is heapdump/'s.
#include "cmd/heapdump_answers.h"

#include <stdio.h>

#include "base/json.h"
#include "cmd/heapdump_request.h"
#include "cmd/record_flags.h"
#include "cmd/viewer.h"
#include "heapdump/census.h"
#include "heapdump/census_text.h"
#include "heapdump/heap.h"
#include "heapdump/leaks.h"
#include "heapdump/leaks_text.h"
#include "heapdump/opened_dump.h"
#include "heapdump/outline.h"
#include "heapdump/path_list.h"
#include "heapdump/retained_profile.h"
#include "heapdump/summary.h"
#include "profile/profile.h"
#include "web/dump_site.h"

struct top_page {
	struct heapdump_page page;
	const struct opened_dump *dump;
	struct census census;
	size_t count;
};

static void write_top(const struct heapdump_page *page, struct writer *w)
{
	const struct top_page *top = (const struct top_page *)page;

	summary_text(&top->dump->heap, &top->dump->dominators, w);
	census_text(&top->census, top->count, w);
}

static void write_top_json(const struct heapdump_page *page, struct json *json)
{
	const struct top_page *top = (const struct top_page *)page;

	summary_json(&top->dump->heap, &top->dump->dominators, json);
	census_text_json(&top->census, top->count, json);
}

bool heapdump_answers_top(const struct heapdump_request *request, struct error *err)
{
	struct top_page top = { .page = { write_top, write_top_json },
				.count = request->count };
	struct opened_dump dump;
	bool is_written;

	if (!opened_dump_open(request->words[0], request->binary, &dump, err))
		return false;
	top.dump = &dump;
	census_init(&top.census, &dump.heap, &dump.dominators,
		    naming_decide(&dump.heap, request->by));
	is_written = heapdump_request_write(request, &top.page, err);
	census_deinit(&top.census);
	opened_dump_close(&dump);
	return is_written;
}

struct diff_page {
	struct heapdump_page page;
	struct census_difference difference;
	size_t count;
};

static void write_diff(const struct heapdump_page *page, struct writer *w)
{
	const struct diff_page *diff = (const struct diff_page *)page;

	census_text_difference(&diff->difference, diff->count, w);
}

static void write_diff_json(const struct heapdump_page *page, struct json *json)
{
	const struct diff_page *diff = (const struct diff_page *)page;

	census_text_difference_json(&diff->difference, diff->count, json);
}

static bool write_difference(const struct heapdump_request *request,
			     struct opened_dump dumps[2], struct error *err)
{
	struct diff_page diff = { .page = { write_diff, write_diff_json },
				  .count = request->count };
	struct census censuses[2];
	bool is_written;
	enum naming_by by = naming_decide(&dumps[1].heap, request->by);

	for (unsigned i = 0; i < 2; i++)
		census_init(&censuses[i], &dumps[i].heap, &dumps[i].dominators, by);
	census_difference_init(&diff.difference, &censuses[0], &censuses[1]);
	is_written = heapdump_request_write(request, &diff.page, err);
	census_difference_deinit(&diff.difference);
	census_deinit(&censuses[0]);
	census_deinit(&censuses[1]);
	return is_written;
}

bool heapdump_answers_diff(const struct heapdump_request *request, struct error *err)
{
	struct opened_dump dumps[2];
	bool is_written;

	if (!opened_dump_open(request->words[0], request->binary, &dumps[0], err))
		return false;
	if (!opened_dump_open(request->words[1], request->binary, &dumps[1], err)) {
		opened_dump_close(&dumps[0]);
		return false;
	}
	is_written = write_difference(request, dumps, err);
	opened_dump_close(&dumps[0]);
	opened_dump_close(&dumps[1]);
	return is_written;
}

struct dominators_page {
	struct heapdump_page page;
	const struct opened_dump *dump;
	struct outline outline;
};

static void write_dominators(const struct heapdump_page *page, struct writer *w)
{
	const struct dominators_page *tree = (const struct dominators_page *)page;

	summary_text(&tree->dump->heap, &tree->dump->dominators, w);
	outline_text(&tree->outline, &tree->dump->heap, w);
}

static void write_dominators_json(const struct heapdump_page *page, struct json *json)
{
	const struct dominators_page *tree = (const struct dominators_page *)page;

	summary_json(&tree->dump->heap, &tree->dump->dominators, json);
	outline_json(&tree->outline, &tree->dump->heap, json);
}

bool heapdump_answers_dominators(const struct heapdump_request *request,
				 struct error *err)
{
	struct dominators_page tree = { .page = { write_dominators,
						  write_dominators_json } };
	const struct outline_options options = { .most_rows = request->count,
						 .depth = (unsigned)request->depth };
	struct opened_dump dump;
	bool is_written;

	if (!opened_dump_open(request->words[0], request->binary, &dump, err))
		return false;
	tree.dump = &dump;
	outline_init(&tree.outline, &dump.heap, &dump.dominators, &options);
	is_written = heapdump_request_write(request, &tree.page, err);
	outline_deinit(&tree.outline);
	opened_dump_close(&dump);
	return is_written;
}

struct paths_page {
	struct heapdump_page page;
	struct path_list list;
};

static void write_paths(const struct heapdump_page *page, struct writer *w)
{
	const struct paths_page *paths = (const struct paths_page *)page;

	summary_text(paths->list.heap, paths->list.dominators, w);
	path_list_text(&paths->list, w);
}

static void write_paths_json(const struct heapdump_page *page, struct json *json)
{
	const struct paths_page *paths = (const struct paths_page *)page;

	summary_json(paths->list.heap, paths->list.dominators, json);
	path_list_json(&paths->list, json);
}

bool heapdump_answers_paths(const struct heapdump_request *request, struct error *err)
{
	struct paths_page paths = { .page = { write_paths, write_paths_json } };
	struct opened_dump dump;
	bool is_written = false;

	if (!opened_dump_open(request->words[0], request->binary, &dump, err))
		return false;
	if (path_list_init(&paths.list, &dump.heap, &dump.dominators,
			   str_from(request->words[1]), request->count, err)) {
		is_written = heapdump_request_write(request, &paths.page, err);
		path_list_deinit(&paths.list);
	}
	opened_dump_close(&dump);
	return is_written;
}

struct unreachable_page {
	struct heapdump_page page;
	const struct opened_dump *dump;
	struct leaks leaks;
	size_t count;
};

static void write_unreachable(const struct heapdump_page *page, struct writer *w)
{
	const struct unreachable_page *lost = (const struct unreachable_page *)page;

	summary_text(&lost->dump->heap, &lost->dump->dominators, w);
	leaks_text(&lost->leaks, &lost->dump->heap, lost->count, w);
}

static void write_unreachable_json(const struct heapdump_page *page, struct json *json)
{
	const struct unreachable_page *lost = (const struct unreachable_page *)page;

	summary_json(&lost->dump->heap, &lost->dump->dominators, json);
	leaks_text_json(&lost->leaks, &lost->dump->heap, lost->count, json);
}

bool heapdump_answers_unreachable(const struct heapdump_request *request,
				  struct error *err)
{
	struct unreachable_page lost = { .page = { write_unreachable,
						   write_unreachable_json },
					 .count = request->count };
	struct opened_dump dump;
	bool is_written;

	if (!opened_dump_open(request->words[0], request->binary, &dump, err))
		return false;
	lost.dump = &dump;
	leaks_init(&lost.leaks, &dump.heap, naming_decide(&dump.heap, request->by));
	is_written = heapdump_request_write(request, &lost.page, err);
	leaks_deinit(&lost.leaks);
	opened_dump_close(&dump);
	return is_written;
}

bool heapdump_answers_profile(const struct heapdump_request *request, struct error *err)
{
	struct opened_dump dump;
	struct profile *profile;
	bool is_written;

	if (!opened_dump_open(request->words[0], request->binary, &dump, err))
		return false;
	profile = retained_profile_create(&dump.heap, &dump.dominators);
	is_written = record_flags_write(profile, request->output, err);
	profile_destroy(profile);
	opened_dump_close(&dump);
	return is_written;
}

static void tell(void *context, const char *url)
{
	(void)context;
	fprintf(stderr, "Serving the heap on %s\n", url);
}

static void tell_and_show(void *context, const char *url)
{
	tell(context, url);
	viewer_show_url(url);
}

bool heapdump_answers_web(const struct heapdump_request *request, struct error *err)
{
	const struct dump_site_options options = {
		.listen = request->http == NULL ? ":0" : request->http,
		.is_ready = request->no_browser ? tell : tell_and_show,
	};
	struct opened_dump dump;
	bool is_run;

	if (!opened_dump_open(request->words[0], request->binary, &dump, err))
		return false;
	is_run = dump_site_run(&dump, &options, err);
	opened_dump_close(&dump);
	return is_run;
}
