// The table of formats. Adding one is a row here and a file that draws it.
#include "report/format.h"

#include "report/options.h"
#include "report/text.h"
#include "report/traces.h"
#include "report/tree.h"

static const struct report_format table[] = {
	{ "peek", REPORT_TREE, true, NULL, NULL, tree_render,
	  "Callers and callees of functions that match" },
	{ "text", REPORT_TEXT, false, NULL, NULL, text_render,
	  "Where the time (or memory) goes, as a table" },
	{ "top", REPORT_TEXT, false, NULL, NULL, text_render, "Same as -text" },
	{ "traces", REPORT_TRACES, false, NULL, NULL, traces_render,
	  "Every sample with its stack" },
	{ "tree", REPORT_TREE, false, NULL, NULL, tree_render,
	  "Callers and callees of each function, as a table" },
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
