// The table of reports that pages show; adding one is a row.
#include "web/answers.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "report/flame_html.h"
#include "report/format.h"
#include "report/graphviz.h"
#include "report/options.h"
#include "report/report.h"
#include "report/tags.h"
#include "report/weblist.h"
#include "web/url_options.h"

struct answer {
	const char *path;
	const char *format; // whose settings hold
	const char *type;
	const char *headers;
	bool (*render)(struct report *report, struct writer *w, struct error *err);
	size_t limit;
};

// Nobody reads more, and a profile of a million samples has gigabytes of it.
enum { TRACES_MAX = 2 << 20 };

static bool render_flame(struct report *report, struct writer *w, struct error *err)
{
	return flame_html_render_data(report->profile, &report->options, w, err);
}

static const char json_type[] = "application/json";

// NULL renders as the format does.
static const struct answer answers[] = {
	{ "/api/flame", "flamegraph", json_type, NULL, render_flame, 0 },
	{ "/api/labels", "tags", json_type, NULL, tags_render_json, 0 },
	{ "/api/source", "weblist", json_type, NULL, weblist_render_data, 0 },
	{ "/api/top", "json", json_type, NULL, NULL, 0 },
	{ "/api/graph", "svg", "image/svg+xml", NULL, graphviz_render_plain, 0 },
	{ "/api/peek", "peek", NULL, NULL, NULL, 0 },
	{ "/api/tree", "tree", NULL, NULL, NULL, 0 },
	{ "/api/traces", "traces", NULL, NULL, NULL, TRACES_MAX },
	{ "/download", "proto", "application/octet-stream",
	  "Content-Disposition: attachment; filename=\"profile.pb.gz\"\r\n", NULL, 0 },
	{ "/share", "flamegraph", "text/html; charset=utf-8",
	  "Content-Disposition: attachment; filename=\"flamegraph.html\"\r\n", NULL, 0 },
};

const struct answer *answer_find(struct str path)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (str_equal(path, str_from(answers[i].path)))
			return &answers[i];
	}
	return NULL;
}

const char *answer_type(const struct answer *answer)
{
	return answer->type;
}

const char *answer_headers(const struct answer *answer)
{
	return answer->headers;
}

bool answer_is_text(const struct answer *answer)
{
	return answer->headers == NULL && answer->limit == 0;
}

size_t answer_limit(const struct answer *answer)
{
	return answer->limit;
}

bool answer_write(const struct answer *answer, struct profile *profile,
		  const struct report_options *defaults, struct str query,
		  struct writer *w, struct error *err)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	const struct report_format *format = report_format_find(str_from(answer->format));
	struct report_options options = *defaults;
	struct report report;
	bool is_done;

	if (!url_options_take(query, &arena, &options, err))
		return false;
	if (!report_compute(profile, format, &options, &report, err))
		return false;
	is_done = (answer->render == NULL ? format->render : answer->render)(&report, w,
									     err);
	report_deinit(&report);
	return is_done;
}
