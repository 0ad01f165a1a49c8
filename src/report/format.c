// The table of formats. Adding one is a row here and a file that draws it.
#include "report/format.h"

#include "report/callgrind.h"
#include "report/comments.h"
#include "report/csv.h"
#include "report/disasm.h"
#include "report/dot.h"
#include "report/flame_html.h"
#include "report/folded.h"
#include "report/graphviz.h"
#include "report/json_report.h"
#include "report/listing.h"
#include "report/options.h"
#include "report/proto_report.h"
#include "report/raw.h"
#include "report/report.h"
#include "report/speedscope.h"
#include "report/tags.h"
#include "report/text.h"
#include "report/traces.h"
#include "report/tree.h"
#include "report/weblist.h"

// These draw call trees of their own making.
static bool render_flame(struct report *report, struct writer *w, struct error *err)
{
	return flame_html_render(report->profile, &report->options, w, err);
}

static bool render_folded(struct report *report, struct writer *w, struct error *err)
{
	return folded_render(report->profile, &report->options, w, err);
}

static bool render_speedscope(struct report *report, struct writer *w, struct error *err)
{
	return speedscope_render(report->profile, &report->options, w, err);
}

static const struct report_format table[] = {
	{ "callgrind", REPORT_CALLGRIND, false, "callgraph.out", NULL, callgrind_render,
	  "The call graph for KCachegrind", NULL },
	{ "comments", REPORT_COMMENTS, false, NULL, NULL, comments_render,
	  "The comments of the profile", NULL },
	{ "csv", REPORT_TEXT, false, NULL, NULL, csv_render,
	  "The top table as comma-separated values", NULL },
	{ "disasm", REPORT_DISASM, true, NULL, NULL, disasm_render,
	  "Instructions of functions that match, with values", NULL },
	{ "dot", REPORT_DOT, false, NULL, NULL, dot_render,
	  "The call graph in graphviz's language", NULL },
	{ "eog", REPORT_DOT, false, "svg", "svg", graphviz_render,
	  "The call graph, shown by eog", "eog" },
	{ "evince", REPORT_DOT, false, "pdf", "pdf", graphviz_render,
	  "The call graph, shown by evince", "evince" },
	{ "flamegraph", REPORT_FLAME, false, "html", NULL, render_flame,
	  "A flame graph page, complete in one file", NULL },
	{ "folded", REPORT_FOLDED, false, NULL, NULL, render_folded,
	  "Stacks as lines \"root;child;leaf 123\"", NULL },
	{ "gif", REPORT_DOT, false, "gif", "gif", graphviz_render,
	  "The call graph as GIF", NULL },
	{ "gv", REPORT_DOT, false, "ps", "ps", graphviz_render,
	  "The call graph, shown by gv", "gv --noantialias" },
	{ "json", REPORT_JSON, false, NULL, NULL, json_report_render,
	  "The top table and the quality of the profile as JSON", NULL },
	{ "kcachegrind", REPORT_CALLGRIND, false, "grind", NULL, callgrind_render,
	  "The call graph, shown by KCachegrind", "kcachegrind" },
	{ "list", REPORT_LIST, true, NULL, NULL, listing_render,
	  "Source of functions that match, with values", NULL },
	{ "pdf", REPORT_DOT, false, "pdf", "pdf", graphviz_render,
	  "The call graph as PDF", NULL },
	{ "peek", REPORT_TREE, true, NULL, NULL, tree_render,
	  "Callers and callees of functions that match", NULL },
	{ "png", REPORT_DOT, false, "png", "png", graphviz_render,
	  "The call graph as PNG", NULL },
	{ "proto", REPORT_PROTO, false, "pb.gz", NULL, proto_report_render,
	  "The profile itself, after filters", NULL },
	{ "ps", REPORT_DOT, false, "ps", "ps", graphviz_render,
	  "The call graph as PostScript", NULL },
	{ "raw", REPORT_RAW, false, NULL, NULL, raw_render, "The whole profile as text",
	  NULL },
	{ "speedscope", REPORT_FOLDED, false, "json", NULL, render_speedscope,
	  "Stacks for speedscope.app", NULL },
	{ "svg", REPORT_DOT, false, "svg", "svg", graphviz_render,
	  "The call graph as SVG", NULL },
	{ "tags", REPORT_TAGS, false, NULL, NULL, tags_render,
	  "The values of labels, with their share", NULL },
	{ "text", REPORT_TEXT, false, NULL, NULL, text_render,
	  "Where the time (or memory) goes, as a table", NULL },
	{ "top", REPORT_TEXT, false, NULL, NULL, text_render, "Same as -text", NULL },
	{ "topproto", REPORT_TOPPROTO, false, "pb.gz", NULL, proto_report_render_top,
	  "The top table as a profile", NULL },
	{ "traces", REPORT_TRACES, false, NULL, NULL, traces_render,
	  "Every sample with its stack", NULL },
	{ "tree", REPORT_TREE, false, NULL, NULL, tree_render,
	  "Callers and callees of each function, as a table", NULL },
	{ "web", REPORT_DOT, false, "svg", "svg", graphviz_render,
	  "The call graph, shown by a browser", "" },
	{ "weblist", REPORT_WEBLIST, true, "html", NULL, weblist_render,
	  "A page of source and instructions that match, with values", "" },
};

const struct report_format *report_format_table(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct report_format *report_format_find(struct str name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (str_equal(str_from(table[i].name), name))
			return &table[i];
	}
	return NULL;
}

// A listing shows one function however little it weighs; the other formats here are for
// programs, which want everything.
static bool is_never_trimmed(const struct report_format *format)
{
	switch (format->kind) {
	case REPORT_CALLGRIND:
	case REPORT_DISASM:
	case REPORT_FLAME:
	case REPORT_FOLDED:
	case REPORT_LIST:
	case REPORT_PROTO:
	case REPORT_RAW:
	case REPORT_WEBLIST:
		return true;
	case REPORT_TREE: // peek shows one function, tree is a table
		return format->has_symbol;
	case REPORT_COMMENTS:
	case REPORT_DOT:
	case REPORT_JSON:
	case REPORT_TAGS:
	case REPORT_TEXT:
	case REPORT_TOPPROTO:
	case REPORT_TRACES:
		return false;
	}
	return false;
}

static void override_granularity(enum report_kind kind, struct report_options *options)
{
	if (kind == REPORT_LIST)
		options->granularity = GRANULARITY_LINES;
	if (kind == REPORT_PROTO || kind == REPORT_RAW || kind == REPORT_CALLGRIND ||
	    kind == REPORT_DISASM || kind == REPORT_WEBLIST)
		options->granularity = GRANULARITY_ADDRESSES;
	if (kind == REPORT_DISASM)
		options->no_inlines = true;
	if (kind == REPORT_WEBLIST)
		options->no_inlines = false;
}

void report_format_override(const struct report_format *format,
			    struct report_options *options)
{
	bool is_table = format->kind == REPORT_TEXT || format->kind == REPORT_JSON ||
			format->kind == REPORT_TOPPROTO;

	override_granularity(format->kind, options);
	if (options->node_count == -1)
		options->node_count = is_table ? 0 : 80;
	if (options->trim && !is_never_trimmed(format))
		return;
	options->node_count = 0;
	options->node_fraction = 0;
	options->edge_fraction = 0;
}
