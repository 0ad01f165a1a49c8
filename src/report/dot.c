// Draws nodes, the boxes of their labels, and edges.
#include "report/dot.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/writer.h"
#include "report/dot_boxes.h"
#include "report/dot_text.h"
#include "report/header.h"
#include "report/number.h"
#include "report/order.h"
#include "report/report.h"

enum { FONT_SIZE = 8, FONT_GROWTH = 16 };

// What all nodes share.
struct dot {
	struct report *report;
	struct writer *w;
	uint32_t *numbers;  // by node, from 1 on; 0 where it is not shown
	bool *has_boxes;    // by node
	uint64_t most_flat; // largest |flat|
	struct arena arena;
};

static void print_legend(const struct report *report, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct header header = header_report(report, &scratch);

	writer_text(w, "digraph \"");
	writer_str(w, report->title.n > 0 ? report->title : STR("unnamed"));
	writer_text(w, "\" {\nnode [style=filled fillcolor=\"#f8f8f8\"]\n"
		       "subgraph cluster_L { \"");
	dot_text_print(w, header.lines[0]);
	writer_text(w, "\" [shape=box fontsize=16 label=\"");
	for (size_t i = 0; i < header.count; i++) {
		if (i > 0)
			writer_text(w, "\\l");
		dot_text_print(w, header.lines[i]);
	}
	writer_text(w, "\\l\"");
	if (report->title.n > 0) {
		writer_text(w, " tooltip=\"");
		writer_str(w, report->title);
		writer_char(w, '"');
	}
	writer_text(w, "] }\n");
}

// Grows with the square root, so that small values can still be told apart.
static int font_size(const struct dot *dot, int64_t flat)
{
	if (flat == 0 || dot->most_flat == 0)
		return FONT_SIZE;
	return FONT_SIZE + (int)ceil(FONT_GROWTH * sqrt((double)number_abs(flat) /
							(double)dot->most_flat));
}

// "flat (share)\nof cum (share)"; returns cum in words.
static struct str print_values(struct dot *dot, const struct report_row *row)
{
	const struct report *report = dot->report;
	struct str flat = report_value(report, &dot->arena, row->flat);
	struct str cum = report_value(report, &dot->arena, row->cum);
	struct measure_percent flat_share = measure_percentage(row->flat, report->total);
	struct measure_percent cum_share = measure_percentage(row->cum, report->total);

	if (row->flat != 0)
		writer_format(dot->w, "%.*s (%s)", (int)flat.n, flat.p,
			      measure_trim(&flat_share));
	else
		writer_char(dot->w, '0');
	if (row->cum == row->flat)
		return flat;
	writer_format(dot->w, "%sof %.*s (%s)", row->flat != 0 ? "\\n" : " ", (int)cum.n,
		      cum.p, measure_trim(&cum_share));
	return cum;
}

static double share_of(const struct dot *dot, int64_t value)
{
	return (double)value / (double)number_abs(dot->report->total);
}

static void print_node(struct dot *dot, const struct report_row *row)
{
	struct report *report = dot->report;
	uint32_t number = dot->numbers[row->node];
	struct str cum;

	writer_format(dot->w, "N%u [label=\"", number);
	dot_text_print_name(dot->w, &report->graph.nodes,
			    graph_key(&report->graph, row->node));
	cum = print_values(dot, row);
	writer_format(dot->w, "\" id=\"node%u\" fontsize=%d shape=box tooltip=\"", number,
		      font_size(dot, row->flat));
	dot_text_print(dot->w, row->label);
	writer_format(dot->w, " (%.*s)\" color=\"", (int)cum.n, cum.p);
	dot_text_print_color(dot->w, share_of(dot, row->cum), DOT_STROKE);
	writer_text(dot->w, "\" fillcolor=\"");
	dot_text_print_color(dot->w, share_of(dot, row->cum), DOT_FILL);
	writer_text(dot->w, "\"]\n");
}

// value * factor / total, at most factor.
static int64_t proportion(int64_t value, int64_t factor, int64_t total)
{
	int64_t product = (int64_t)((uint64_t)value * (uint64_t)factor);
	int64_t part = number_abs(number_mean(product, total));

	return part < factor ? part : factor;
}

static void print_tooltip(struct dot *dot, const struct edge *edge, struct str weight)
{
	dot_text_print(dot->w, graph_label(&dot->report->graph, edge->source));
	writer_text(dot->w, edge->is_residual ? " ... " : " -> ");
	dot_text_print(dot->w, graph_label(&dot->report->graph, edge->target));
	writer_format(dot->w, " (%.*s)\"", (int)weight.n, weight.p);
}

static void print_edge(struct dot *dot, const struct edge *edge)
{
	const struct report *report = dot->report;
	int64_t value = number_mean(edge->weight, edge->divisor);
	struct str weight = report_value(report, &dot->arena, value);

	writer_format(dot->w, "N%u -> N%u [label=\" %.*s%s\"", dot->numbers[edge->source],
		      dot->numbers[edge->target], (int)weight.n, weight.p,
		      edge->is_inline ? "\\n (inline)" : "");
	if (report->total != 0) {
		int64_t pull = proportion(value, 100, report->total);
		int64_t width = proportion(value, 5, report->total);

		if (pull > 0)
			writer_format(dot->w, " weight=%" PRId64, 1 + pull);
		if (width > 0)
			writer_format(dot->w, " penwidth=%" PRId64, 1 + width);
		writer_text(dot->w, " color=\"");
		dot_text_print_color(dot->w, share_of(dot, value), DOT_STROKE);
		writer_char(dot->w, '"');
	}
	writer_text(dot->w, " tooltip=\"");
	print_tooltip(dot, edge, weight);
	writer_text(dot->w, " labeltooltip=\"");
	print_tooltip(dot, edge, weight);
	if (edge->is_residual)
		writer_text(dot->w, " style=\"dotted\"");
	if (dot->has_boxes[edge->source])
		writer_text(dot->w, " minlen=2");
	writer_text(dot->w, "]\n");
}

static void print_nodes(struct dot *dot)
{
	const struct report *report = dot->report;
	size_t count = report->graph.node_count;

	dot->numbers = arena_array(&dot->arena, count + 1, sizeof(*dot->numbers));
	dot->has_boxes = arena_array(&dot->arena, count + 1, sizeof(*dot->has_boxes));
	for (size_t i = 0; i < report->row_count; i++) {
		uint64_t flat = (uint64_t)number_abs(report->rows[i].flat);

		dot->numbers[report->rows[i].node] = (uint32_t)i + 1;
		dot->most_flat = flat > dot->most_flat ? flat : dot->most_flat;
	}
	for (size_t i = 0; i < report->row_count; i++) {
		uint32_t node = report->rows[i].node;

		print_node(dot, &report->rows[i]);
		dot->has_boxes[node] =
			dot_boxes_print(dot->w, report, node, dot->numbers[node]);
	}
}

bool dot_render(struct report *report, struct writer *w, struct error *err)
{
	struct dot dot = { .report = report, .w = w };
	uint32_t *rows;
	size_t count;

	(void)err;
	print_legend(report, w);
	if (report->row_count > 0)
		print_nodes(&dot);
	rows = order_all_edges(&report->graph, &count);
	for (size_t i = 0; i < count; i++)
		print_edge(&dot, &report->graph.edges.edges[rows[i]]);
	writer_text(w, "}\n");
	free(rows);
	arena_deinit(&dot.arena);
	return true;
}
