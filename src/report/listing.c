// Lists the source of functions beside their values.
#include "report/listing.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/regexp.h"
#include "base/writer.h"
#include "report/number.h"
#include "report/report.h"
#include "report/source_lines.h"

enum { MARGIN = 5 }; // lines shown before the first and behind the last sample

// The nodes of one function in one file: items[from] up to items[to].
struct routine {
	struct str name, file;
	size_t from, to;
	int64_t flat, cum;
};

// A node of a function that matches.
struct item {
	struct str name, file;
	int64_t line, start_line;
	uint32_t node;
};

struct listing {
	struct item *items;
	size_t item_count;
	struct routine *routines;
	size_t routine_count;
	struct arena arena;
};

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = str_compare(a->name, b->name);

	if (order == 0)
		order = str_compare(a->file, b->file);
	if (order == 0 && a->line != b->line)
		order = a->line < b->line ? -1 : 1;
	return order;
}

static bool is_weighed(const struct report *report, uint32_t node)
{
	const struct graph_value *value = &report->graph.values[node];
	bool is_negative = value->flat < 0 || (value->flat == 0 && value->cum < 0);

	return (value->flat != 0 || value->cum != 0) &&
	       !(report->options.drop_negative && is_negative);
}

static void find_items(struct listing *listing, const struct report *report,
		       const struct regexp *regexp)
{
	const struct nodes *nodes = &report->graph.nodes;

	listing->items =
		arena_array(&listing->arena, nodes->count + 1, sizeof(*listing->items));
	for (uint32_t node = 0; node < nodes->count; node++) {
		if (!is_weighed(report, node) ||
		    !regexp_matches(regexp, nodes_name(nodes, node)))
			continue;
		listing->items[listing->item_count++] = (struct item){
			.name = nodes_name(nodes, node),
			.file = nodes_file(nodes, node),
			.line = nodes->keys[node].line,
			.start_line = nodes->keys[node].start_line,
			.node = node,
		};
	}
	qsort(listing->items, listing->item_count, sizeof(*listing->items),
	      compare_items);
}

// A sample that goes through a routine several times counts once in its cum
// (docs/differences.md, "recursion").
static void sum_routines(struct listing *listing, const struct report *report)
{
	size_t node_count = report->graph.nodes.count;
	uint32_t *groups = arena_array(&listing->arena, node_count + 1, sizeof(*groups));
	struct graph_value *sums =
		arena_array(&listing->arena, listing->routine_count + 1, sizeof(*sums));

	memset(groups, 0xff, node_count * sizeof(*groups));
	for (size_t i = 0; i < listing->routine_count; i++) {
		for (size_t j = listing->routines[i].from; j < listing->routines[i].to;
		     j++)
			groups[listing->items[j].node] = (uint32_t)i;
	}
	graph_sum_groups(&report->graph, groups, listing->routine_count, sums);
	for (size_t i = 0; i < listing->routine_count; i++) {
		listing->routines[i].flat = sums[i].flat;
		listing->routines[i].cum = sums[i].cum;
	}
}

static void make_routines(struct listing *listing, const struct report *report)
{
	const struct item *items = listing->items;
	size_t from = 0;

	listing->routines = arena_array(&listing->arena, listing->item_count + 1,
					sizeof(*listing->routines));
	while (from < listing->item_count) {
		size_t to = from + 1;

		while (to < listing->item_count &&
		       str_equal(items[to].name, items[from].name) &&
		       str_equal(items[to].file, items[from].file))
			to++;
		listing->routines[listing->routine_count++] = (struct routine){
			.name = items[from].name,
			.file = items[from].file,
			.from = from,
			.to = to,
		};
		from = to;
	}
	sum_routines(listing, report);
}

static void print_line(const struct report *report, int64_t flat, int64_t cum,
		       int64_t number, struct str text, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str flat_text = report_value_or_dot(report, &scratch, flat);
	struct str cum_text = report_value_or_dot(report, &scratch, cum);

	writer_format(w, "%10.*s %10.*s %6" PRId64 ":", (int)flat_text.n, flat_text.p,
		      (int)cum_text.n, cum_text.p, number);
	writer_str(w, text);
	writer_char(w, '\n');
}

struct line_range {
	int64_t first, last;
};

// From the start of the function, where it is known, to a few lines behind its last.
static struct line_range routine_range(const struct listing *listing,
				       const struct routine *routine)
{
	struct line_range range = { INT64_MAX, 0 };

	for (size_t i = routine->from; i < routine->to; i++) {
		const struct item *item = &listing->items[i];
		int64_t start = item->start_line != 0 ? item->start_line
						      : number_add(item->line, -MARGIN);
		int64_t end = number_add(item->line, MARGIN);

		range.first = start < range.first ? start : range.first;
		range.last = end > range.last ? end : range.last;
	}
	if (range.first < 1)
		range.first = 1;
	return range;
}

static void print_source(const struct report *report, const struct listing *listing,
			 const struct routine *routine, struct line_range range,
			 const struct source_lines *source, struct writer *w)
{
	size_t next = routine->from;
	struct str text;

	while (next < routine->to && listing->items[next].line < range.first)
		next++;
	for (int64_t line = range.first; line <= range.last; line++) {
		int64_t flat = 0, cum = 0;

		if (!source_lines_get(source, line, &text))
			break;
		for (; next < routine->to && listing->items[next].line == line; next++) {
			const struct graph_value *value =
				&report->graph.values[listing->items[next].node];

			flat = number_add(flat, value->flat);
			cum = number_add(cum, value->cum);
		}
		print_line(report, flat, cum, line, text, w);
	}
}

static void print_routine(const struct report *report, const struct listing *listing,
			  const struct routine *routine, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct report_options *options = &report->options;
	struct str flat = report_value(report, &scratch, routine->flat);
	struct str cum = report_value(report, &scratch, routine->cum);
	struct measure_percent share = measure_percentage(routine->cum, report->total);
	struct line_range range = routine_range(listing, routine);
	struct source_lines source;
	struct error err;

	writer_text(w, "ROUTINE ======================== ");
	writer_str(w, routine->name);
	writer_text(w, " in ");
	writer_str(w, routine->file);
	writer_format(w, "\n%10.*s %10.*s (flat, cum) %s of Total\n", (int)flat.n, flat.p,
		      (int)cum.n, cum.p, share.text);
	if (range.first > range.last)
		return;
	if (!source_lines_open(&source, routine->file, options->source_path,
			       options->trim_path, &err)) {
		writer_format(w, " Error: %s\n", err.text);
		return;
	}
	print_source(report, listing, routine, range, &source, w);
	source_lines_close(&source);
}

// A function without any file gets one line; its nodes without a file are left out where
// others have one.
static bool is_alone(const struct listing *listing, size_t index)
{
	return index + 1 == listing->routine_count ||
	       !str_equal(listing->routines[index].name,
			  listing->routines[index + 1].name);
}

static void print(const struct report *report, const struct listing *listing,
		  struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };

	writer_text(w, "Total: ");
	writer_str(w, report_value(report, &scratch, report->total));
	writer_char(w, '\n');
	for (size_t i = 0; i < listing->routine_count; i++) {
		const struct routine *routine = &listing->routines[i];

		if (routine->file.n > 0) {
			print_routine(report, listing, routine, w);
		} else if (is_alone(listing, i)) {
			writer_text(w, "No source information for ");
			writer_str(w, routine->name);
			writer_char(w, '\n');
		}
	}
}

bool listing_render(struct report *report, struct writer *w, struct error *err)
{
	struct str symbol = report->options.symbol;
	struct listing listing = { 0 };
	struct regexp *regexp;
	bool is_found;

	if (!regexp_create(symbol, &regexp, err))
		return error_wrap(err, "parsing argument regexp %.*s", (int)symbol.n,
				  symbol.p);
	find_items(&listing, report, regexp);
	regexp_destroy(regexp);
	is_found = listing.item_count > 0;
	if (is_found) {
		make_routines(&listing, report);
		print(report, &listing, w);
	}
	arena_deinit(&listing.arena);
	return is_found ||
	       error_set(err, ERROR_NOT_FOUND,
			 "no matches found for regexp: %.*s: see -top for the "
			 "names there are",
			 (int)symbol.n, symbol.p);
}
