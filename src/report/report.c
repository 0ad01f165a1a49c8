// From a profile to a report: choose the value, filter, weigh, trim, scale.
#include "report/report.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/regexp.h"
#include "profile/filter_apply.h"
#include "profile/label_frames.h"
#include "profile/profile.h"
#include "profile/unit.h"
#include "report/change.h"
#include "report/node_tags.h"
#include "report/number.h"
#include "report/trim.h"
#include "report/value.h"

static void add_warning(void *context, struct str sentence)
{
	struct report *report = context;
	struct str *more =
		arena_array(&report->arena, report->warning_count + 1, sizeof(*more));

	if (report->warning_count > 0)
		memcpy(more, report->warnings, report->warning_count * sizeof(*more));
	more[report->warning_count++] = str_copy(&report->arena, sentence);
	report->warnings = more;
}

static bool choose_type(struct report *report, struct error *err)
{
	const struct profile *profile = report->profile;
	const struct profile_value_type *type;

	if (!value_column(profile, report->options.sample_index, &report->value_index,
			  err))
		return false;
	if (report->options.divide_by == 0)
		return error_set(err, ERROR_USAGE, "zero divisor specified");
	type = &profile->types[report->value_index];
	report->type = profile_string(profile, type->type);
	report->unit = profile_string(profile, type->unit);
	if (report->options.mean)
		report->type = str_format(&report->arena, "mean_%.*s",
					  (int)report->type.n, report->type.p);
	report->output_unit = report->options.unit;
	if (profile->mapping_count > 0)
		report->title =
			str_basename(profile_string(profile, profile->mappings[0].file));
	return true;
}

static struct node_rules node_rules(const struct report *report)
{
	const struct report_options *options = &report->options;
	struct node_rules rules = {
		.no_inlines = options->no_inlines,
		.trim_path = options->trim_path,
		.source_path = options->source_path,
		.object_files = report->format->kind == REPORT_LIST ||
				report->format->kind == REPORT_DISASM ||
				report->format->kind == REPORT_CALLGRIND,
	};

	switch (options->granularity) {
	case GRANULARITY_DEFAULT:
	case GRANULARITY_FUNCTIONS:
		rules.functions = true;
		break;
	case GRANULARITY_FILEFUNCTIONS:
		rules.functions = rules.files = true;
		break;
	case GRANULARITY_FILES:
		rules.files = true;
		break;
	case GRANULARITY_LINES:
		rules.functions = rules.files = rules.lines = true;
		rules.columns = options->show_columns;
		break;
	case GRANULARITY_ADDRESSES:
		rules.functions = rules.files = rules.lines = rules.addresses = true;
		rules.columns = options->show_columns || !options->no_inlines;
		break;
	}
	return rules;
}

// The unit that shows the smallest value with two digits behind the point.
static void choose_unit(struct report *report)
{
	int64_t least = 0, most = report->total;
	double ratio = 1 / report->options.divide_by;
	struct str unit, most_unit;

	if (!str_equal(report->output_unit, STR("minimum")) || report->row_count == 0)
		return;
	for (size_t i = 0; i < report->row_count; i++) {
		int64_t value = number_abs(report->rows[i].flat);

		if (value == 0)
			value = number_abs(report->rows[i].cum);
		if (value > 0 && (least == 0 || value < least))
			least = value;
	}
	if (least == 0)
		least = most;
	if (ratio > 0 && ratio != 1) {
		least = number_scale(least, ratio);
		most = number_scale(most, ratio);
	}
	unit = unit_scale(least, report->unit, STR("minimum")).unit;
	most_unit = unit_scale(most, report->unit, STR("minimum")).unit;
	if (!str_equal(unit, most_unit) && (int64_t)((uint64_t)least * 100) < most &&
	    report->format->kind != REPORT_CALLGRIND)
		unit = unit_scale((int64_t)((uint64_t)least * 100), report->unit,
				  STR("minimum"))
			       .unit;
	report->output_unit = unit.n > 0 ? unit : report->unit;
}

static enum report_inlining inlining(const struct graph *graph, uint32_t node)
{
	struct edge_list in = edges_in(&graph->edges, node);
	bool has_inline = false, has_call = false;

	for (size_t i = 0; i < in.count; i++) {
		if (graph->edges.edges[in.rows[i]].is_inline)
			has_inline = true;
		else
			has_call = true;
	}
	if (!has_inline)
		return INLINED_NEVER;
	return has_call ? INLINED_PARTLY : INLINED_ALWAYS;
}

static void make_rows(struct report *report)
{
	struct graph *graph = &report->graph;

	report->rows = arena_array(&report->arena, graph->shown_count + 1,
				   sizeof(*report->rows));
	report->row_count = graph->shown_count;
	for (size_t i = 0; i < graph->shown_count; i++) {
		uint32_t node = graph->order[i];

		report->shown = number_add(report->shown, graph_flat(graph, node));
		report->rows[i] = (struct report_row){
			.node = node,
			.label = graph_label(graph, node),
			.flat = graph_flat(graph, node),
			.cum = graph_cum(graph, node),
			.flat_sum = report->shown,
		};
		if (graph->edges.in_first != NULL)
			report->rows[i].inlining = inlining(graph, node);
	}
}

// The shown nodes that were ever inlined: only for them do calls matter in a table. NULL
// when there are none.
static uint8_t *find_inlined(const struct graph *graph)
{
	const struct nodes *nodes = &graph->nodes;
	uint8_t *is_inlined = calloc(graph->node_count + 1, 1);
	bool has_any = false;

	if (is_inlined == NULL)
		arena_out_of_memory(graph->node_count);
	for (size_t i = 0; i < graph->profile->location_count; i++) {
		for (uint32_t j = nodes->first[i]; j + 1 < nodes->first[i + 1]; j++) {
			is_inlined[nodes->list[j]] = GRAPH_CALLS_TO;
			has_any = true;
		}
	}
	if (has_any)
		return is_inlined;
	free(is_inlined);
	return NULL;
}

static void make_table_edges(struct graph *graph, const struct graph_trim *trim)
{
	uint8_t *is_inlined = find_inlined(graph);

	if (is_inlined != NULL)
		trim_edges(graph, trim, is_inlined);
	free(is_inlined);
}

// The shown nodes that the format's regexp asks for, with all their calls. NULL when it
// asks for none in particular; whoever renders tells of a bad one.
static uint8_t *find_asked(struct report *report)
{
	struct graph *graph = &report->graph;
	struct regexp *regexp = NULL;
	struct error unused;
	uint8_t *asked;

	if (report->format->kind != REPORT_TREE || !report->format->has_symbol ||
	    !regexp_create(report->options.symbol, &regexp, &unused))
		return NULL;
	asked = calloc(graph->node_count + 1, 1);
	if (asked == NULL)
		arena_out_of_memory(graph->node_count);
	for (size_t i = 0; i < graph->shown_count; i++) {
		uint32_t node = graph->order[i];

		if (regexp_matches(regexp, graph_label(graph, node)))
			asked[node] = GRAPH_CALLS_TO | GRAPH_CALLS_FROM;
	}
	regexp_destroy(regexp);
	return asked;
}

static void make_edges(struct report *report, const struct graph_trim *trim)
{
	uint8_t *asked = find_asked(report);

	trim_edges(&report->graph, trim, asked);
	free(asked);
}

static void make_tags(struct report *report, const struct graph_trim *trim)
{
	struct node_tags_options options = {
		.value_index = report->value_index,
		.has_means = report->options.mean,
		.node_count = trim->node_count > 0 ? (size_t)trim->node_count : SIZE_MAX,
		.output_unit = report->output_unit,
		.bytes_unit = label_units_of(&report->label_units,
					     interner_find(&report->profile->strings,
							   STR("bytes"))),
	};

	report->tags = arena_alloc(&report->arena, sizeof(*report->tags));
	node_tags_init(report->tags, &report->graph, &options);
}

static void compare_rows(struct report *report)
{
	struct str sentence;

	change_find(report);
	if (report->changes == NULL)
		return;
	sentence = change_sentence(report);
	if (sentence.n > 0)
		add_warning(report, sentence);
}

static void make_graph(struct report *report)
{
	const struct report_options *options = &report->options;
	enum report_kind kind = report->format->kind;
	struct node_rules rules = node_rules(report);
	bool is_tree =
		options->call_tree && (kind == REPORT_DOT || kind == REPORT_CALLGRIND);
	struct graph_trim trim = {
		.node_fraction = options->node_fraction,
		.edge_fraction = options->edge_fraction,
		.node_count = options->node_count,
		.sort = options->sort,
		.is_visual = kind == REPORT_DOT,
		.drop_negative = options->drop_negative,
	};

	report->has_graph = true;
	graph_init(&report->graph, report->profile, &rules, report->value_index,
		   options->mean, is_tree ? GRAPH_CALL_TREE : GRAPH_MERGED);
	trim_light_nodes(&report->graph, &trim);
	if (trim.is_visual)
		make_tags(report, &trim);
	trim_to_count(&report->graph, &trim, report->tags);
	if (kind == REPORT_TEXT || kind == REPORT_JSON)
		make_table_edges(&report->graph, &trim);
	else if (kind != REPORT_TOPPROTO)
		make_edges(report, &trim);
	make_rows(report);
	choose_unit(report);
	if (kind != REPORT_CALLGRIND && kind != REPORT_TOPPROTO)
		compare_rows(report);
}

// Frames alone, named as in the profile.
static void make_nodes(struct report *report)
{
	struct node_rules rules = node_rules(report);

	rules.trim_path = rules.source_path = STR("");
	report->has_graph = true;
	report->graph.profile = report->profile;
	nodes_init(&report->graph.nodes, report->profile, &rules);
}

// All nodes with their values, neither trimmed nor sorted.
static void make_lines(struct report *report)
{
	struct node_rules rules = node_rules(report);

	report->has_graph = true;
	graph_init(&report->graph, report->profile, &rules, report->value_index,
		   report->options.mean, GRAPH_MERGED);
}

// What -divide_by and -noinlines ask for, in the profile that is written.
static void change_profile(struct profile *profile, const struct report_options *options)
{
	double ratio = 1 / options->divide_by;
	size_t count = profile->sample_count * profile->type_count;

	for (size_t i = 0; ratio > 0 && ratio != 1 && i < count; i++)
		profile->sample_values[i] =
			number_scale(profile->sample_values[i], ratio);
	for (size_t i = 0; options->no_inlines && i < profile->location_count; i++) {
		struct profile_location *location = &profile->locations[i];

		if (location->line_count > 1) {
			location->first_line += location->line_count - 1;
			location->line_count = 1;
		}
		if (location->line_count > 0 && !options->show_columns)
			profile->lines[location->first_line].column = 0;
	}
	for (size_t i = 0; options->no_inlines && i < profile->mapping_count; i++)
		profile->mappings[i].has_inline_frames = false;
}

static bool needs_graph(enum report_kind kind)
{
	return kind == REPORT_TEXT || kind == REPORT_TREE || kind == REPORT_DOT ||
	       kind == REPORT_CALLGRIND || kind == REPORT_TOPPROTO || kind == REPORT_JSON;
}

static void count_unnamed(struct report *report)
{
	const struct profile *profile = report->profile;

	report->quality.addresses = profile->location_count;
	for (size_t i = 0; i < profile->location_count; i++)
		report->quality.unnamed += profile->locations[i].line_count == 0;
}

static bool apply_filters(struct report *report, struct profile *profile,
			  struct error *err)
{
	const struct report_options *options = &report->options;
	struct filter_options filters = {
		.focus = options->focus,
		.ignore = options->ignore,
		.hide = options->hide,
		.show = options->show,
		.show_from = options->show_from,
		.prune_from = options->prune_from,
		.tag_focus = options->tag_focus,
		.tag_ignore = options->tag_ignore,
		.tag_show = options->tag_show,
		.tag_hide = options->tag_hide,
	};
	struct filter_listener listener = { add_warning, report };

	return filter_apply(profile, &filters, &listener, err);
}

// Labels that become frames do so before filters, which may ask for them.
static void add_label_frames(struct report *report, struct profile *profile)
{
	const struct report_options *options = &report->options;
	struct label_frames_options frames = {
		.root = options->tag_root,
		.leaf = options->tag_leaf,
		.unit = options->unit,
	};
	struct label_frames_matched matched;

	if (options->tag_root.n == 0 && options->tag_leaf.n == 0)
		return;
	matched = label_frames_add(profile, &frames);
	if (options->tag_root.n > 0 && !matched.root)
		add_warning(report, STR("TagRoot expression matched no samples"));
	if (options->tag_leaf.n > 0 && !matched.leaf)
		add_warning(report, STR("TagLeaf expression matched no samples"));
}

// Percentages are of the whole profile, unless -relative_percentages asks for what the
// filters leave.
static bool measure(struct report *report, struct profile *profile, struct error *err)
{
	bool is_relative = report->options.relative_percentages;

	add_label_frames(report, profile);
	if (is_relative && !apply_filters(report, profile, err))
		return false;
	if (!choose_type(report, err))
		return false;
	report->total = weights_total(profile, report->value_index, report->options.mean);
	return is_relative || apply_filters(report, profile, err);
}

bool report_compute(struct profile *profile, const struct report_format *format,
		    const struct report_options *options, struct report *out,
		    struct error *err)
{
	struct report report = { .profile = profile,
				 .format = format,
				 .options = *options };

	report_format_override(format, &report.options);
	count_unnamed(&report);
	report.label_units =
		label_units_find(profile, &report.arena, add_warning, &report);
	if (!measure(&report, profile, err)) {
		report_deinit(&report);
		return false;
	}
	if (needs_graph(format->kind))
		make_graph(&report);
	if (format->kind == REPORT_TRACES)
		make_nodes(&report);
	if (format->kind == REPORT_LIST || format->kind == REPORT_DISASM)
		make_lines(&report);
	if (format->kind == REPORT_PROTO)
		change_profile(profile, &report.options);
	*out = report;
	return true;
}

void report_deinit(struct report *report)
{
	if (report->tags != NULL)
		node_tags_deinit(report->tags);
	if (report->has_graph)
		graph_deinit(&report->graph);
	arena_deinit(&report->arena);
	*report = (struct report){ 0 };
}

struct str report_value(const struct report *report, struct arena *arena, int64_t value)
{
	double ratio = 1 / report->options.divide_by;

	if (ratio > 0 && ratio != 1)
		value = number_scale(value, ratio);
	return measure_label(arena, value, report->unit, report->output_unit);
}

struct str report_value_or_dot(const struct report *report, struct arena *arena,
			       int64_t value)
{
	return value == 0 ? STR(".") : report_value(report, arena, value);
}
