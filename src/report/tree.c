// The caller and callee table.
#include "report/tree.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/regexp.h"
#include "base/writer.h"
#include "report/header.h"
#include "report/number.h"
#include "report/report.h"

#define SEPARATOR \
	"----------------------------------------------------------+-------------\n"

enum edge_side { SIDE_CALLERS, SIDE_CALLEES };

static void print_edges(struct report *report, const struct report_row *row,
			enum edge_side side, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct edges *edges = &report->graph.edges;
	struct edge_list list = side == SIDE_CALLERS ? edges_in(edges, row->node)
						     : edges_out(edges, row->node);

	for (size_t i = 0; i < list.count; i++) {
		const struct edge *edge = &edges->edges[list.rows[i]];
		uint32_t other = side == SIDE_CALLERS ? edge->source : edge->target;
		struct str weight = report_value(report, &scratch, edge->weight);
		struct measure_percent share = measure_percentage(edge->weight, row->cum);

		writer_format(w, "%50.*s %s |   ", (int)weight.n, weight.p, share.text);
		writer_str(w, graph_label(&report->graph, other));
		writer_text(w, edge->is_inline ? " (inline)\n" : "\n");
	}
}

static void print_node(const struct report *report, const struct report_row *row,
		       int64_t flat_sum, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str flat = report_value(report, &scratch, row->flat);
	struct str cum = report_value(report, &scratch, row->cum);
	struct measure_percent flat_share = measure_percentage(row->flat, report->total);
	struct measure_percent sum_share = measure_percentage(flat_sum, report->total);
	struct measure_percent cum_share = measure_percentage(row->cum, report->total);

	writer_format(w, "%10.*s %s %s %10.*s %s                | ", (int)flat.n, flat.p,
		      flat_share.text, sum_share.text, (int)cum.n, cum.p, cum_share.text);
	writer_str(w, row->label);
	writer_char(w, '\n');
}

static bool is_wanted(const struct regexp *regexp, const struct report_row *row)
{
	return regexp == NULL || regexp_matches(regexp, row->label);
}

static void print_table(struct report *report, const struct regexp *regexp,
			struct writer *w)
{
	int64_t flat_sum = 0;

	header_print(report, w);
	writer_text(w, SEPARATOR "      flat  flat%   sum%        cum   cum%   calls "
				 "calls% + context \t \t \n");
	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_row *row = &report->rows[i];

		if (!is_wanted(regexp, row))
			continue;
		flat_sum = number_add(flat_sum, row->flat);
		writer_text(w, SEPARATOR);
		print_edges(report, row, SIDE_CALLERS, w);
		print_node(report, row, flat_sum, w);
		print_edges(report, row, SIDE_CALLEES, w);
	}
	if (report->row_count > 0)
		writer_text(w, SEPARATOR);
}

static bool has_match(const struct report *report, const struct regexp *regexp)
{
	for (size_t i = 0; i < report->row_count; i++) {
		if (regexp_matches(regexp, report->rows[i].label))
			return true;
	}
	return false;
}

bool tree_render(struct report *report, struct writer *w, struct error *err)
{
	struct str symbol = report->options.symbol;
	struct regexp *regexp = NULL;
	bool is_found;

	if (!report->format->has_symbol) {
		print_table(report, NULL, w);
		return true;
	}
	if (!regexp_create(symbol, &regexp, err))
		return error_wrap(err, "parsing argument regexp %.*s", (int)symbol.n,
				  symbol.p);
	is_found = has_match(report, regexp);
	if (is_found)
		print_table(report, regexp, w);
	regexp_destroy(regexp);
	return is_found ||
	       error_set(err, ERROR_NOT_FOUND,
			 "no matches found for regexp: %.*s: see -top for the "
			 "names there are",
			 (int)symbol.n, symbol.p);
}
