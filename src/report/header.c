// Words the header as pprof does.
#include "report/header.h"

#include <inttypes.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "profile/unit.h"
#include "report/number.h"
#include "report/report.h"

enum { FIXED_LINES_MAX = 32, FILTER_WIDTH = 80 };

static void add(struct header *header, struct str line)
{
	header->lines[header->count++] = line;
}

static void add_pair(struct header *header, struct arena *arena, const char *name,
		     struct str value)
{
	if (value.n > 0)
		add(header, str_format(arena, "%s: %.*s", name, (int)value.n, value.p));
}

static struct str local_time(struct arena *arena, int64_t time_ns)
{
	time_t seconds = (time_t)(time_ns / 1000000000 - (time_ns % 1000000000 < 0));
	struct tm parts;
	char text[128] = "";

	localtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &parts);
	return str_format(arena, "%s", text);
}

static struct str duration(const struct report *report, struct arena *arena)
{
	int64_t lasted = report->profile->duration_ns;
	struct str words = measure_label(arena, lasted, STR("nanoseconds"), STR("auto"));
	struct unit_value total =
		unit_scale(report->total, report->unit, STR("nanoseconds"));
	struct str value = report_value(report, arena, report->total);
	struct measure_percent percent;

	if (!str_equal(total.unit, STR("ns")) || total.value == 0)
		return str_format(arena, "Duration: %.*s, Total samples = %.*s ",
				  (int)words.n, words.p, (int)value.n, value.p);
	percent = measure_percentage(number_from_double(total.value), lasted);
	return str_format(arena, "Duration: %.*s, Total samples = %.*s (%s)",
			  (int)words.n, words.p, (int)value.n, value.p, percent.text);
}

static void add_profile(struct header *header, const struct report *report,
			struct arena *arena)
{
	const struct profile *profile = report->profile;

	if (profile->mapping_count > 0) {
		const struct profile_mapping *main = &profile->mappings[0];

		add_pair(header, arena, "File",
			 str_basename(profile_string(profile, main->file)));
		add_pair(header, arena, "Build ID",
			 profile_string(profile, main->build_id));
	}
	for (size_t i = 0; i < profile->comment_count; i++) {
		struct str comment = profile_string(profile, profile->comments[i]);

		if (!str_starts_with(comment, STR("#")))
			add(header, comment);
	}
	add_pair(header, arena, "Type", report->type);
	add_pair(header, arena, "Doc", profile_string(profile, profile->doc_url));
	if (profile->time_ns != 0)
		add_pair(header, arena, "Time", local_time(arena, profile->time_ns));
	if (profile->duration_ns != 0)
		add(header, duration(report, arena));
}

static void add_filter(struct header *header, struct arena *arena, const char *name,
		       struct str value)
{
	struct str text;

	if (value.n == 0)
		return;
	text = str_format(arena, "%s=%.*s", name, (int)value.n, value.p);
	if (text.n > FILTER_WIDTH)
		text = str_format(arena, "%.*s…", FILTER_WIDTH, text.p);
	add(header, str_format(arena, "   %.*s", (int)text.n, text.p));
}

static void add_filters(struct header *header, const struct report *report,
			struct arena *arena)
{
	const struct report_options *options = &report->options;
	size_t title = header->count;

	add(header, STR("Active filters:"));
	add_filter(header, arena, "focus", options->focus);
	add_filter(header, arena, "ignore", options->ignore);
	add_filter(header, arena, "hide", options->hide);
	add_filter(header, arena, "show", options->show);
	add_filter(header, arena, "show_from", options->show_from);
	add_filter(header, arena, "tagfocus", options->tag_focus);
	add_filter(header, arena, "tagignore", options->tag_ignore);
	add_filter(header, arena, "tagshow", options->tag_show);
	add_filter(header, arena, "taghide", options->tag_hide);
	if (header->count == title + 1)
		header->count = title;
}

static void add_dropped(struct header *header, const struct report *report,
			struct arena *arena, size_t count, const char *words,
			double fraction)
{
	struct str limit = report_value(
		report, arena, number_abs(number_scale(report->total, fraction)));
	bool is_node = words[0] == 'n';

	if (count > 0)
		add(header, str_format(arena, "Dropped %zu %s%s (%s <= %.*s)", count,
				       words, count > 1 ? "s" : "",
				       is_node ? "cum" : "freq", (int)limit.n, limit.p));
}

static void add_shown(struct header *header, const struct report *report,
		      struct arena *arena)
{
	const struct graph *graph = &report->graph;
	struct str shown = report_value(report, arena, report->shown);
	struct str total = report_value(report, arena, report->total);
	struct measure_percent percent = measure_percentage(report->shown, report->total);

	add(header,
	    str_format(arena, "Showing nodes accounting for %.*s, %s of %.*s total",
		       (int)shown.n, shown.p, measure_trim(&percent), (int)total.n,
		       total.p));
	if (report->total == 0)
		return;
	add_dropped(header, report, arena, graph->dropped_nodes, "node",
		    report->options.node_fraction);
	if (report->format->kind == REPORT_DOT)
		add_dropped(header, report, arena, graph->dropped_edges, "edge",
			    report->options.edge_fraction);
	if (report->row_count > 0 && report->row_count < graph->full_count)
		add(header, str_format(arena, "Showing top %zu nodes out of %zu",
				       report->row_count, graph->full_count));
}

static struct header empty(const struct report *report, struct arena *arena)
{
	size_t most = FIXED_LINES_MAX + report->profile->comment_count;

	return (struct header){ arena_array(arena, most, sizeof(struct str)), 0 };
}

struct header header_profile(const struct report *report, struct arena *arena)
{
	struct header header = empty(report, arena);

	add_profile(&header, report, arena);
	return header;
}

struct header header_report(const struct report *report, struct arena *arena)
{
	struct header header = empty(report, arena);
	bool is_picture = report->format->kind == REPORT_DOT;

	if (is_picture || !report->options.compact_labels)
		add_profile(&header, report, arena);
	add_filters(&header, report, arena);
	add_shown(&header, report, arena);
	if (is_picture)
		add(&header, STR("\nSee https://git.io/JfYMW for how to read the graph"));
	return header;
}

void header_print(const struct report *report, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct header header = header_report(report, &scratch);

	for (size_t i = 0; i < header.count; i++) {
		writer_str(w, header.lines[i]);
		writer_char(w, '\n');
	}
}
