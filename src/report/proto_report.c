// Encodes reports as profiles.
#include "report/proto_report.h"

#include "profile/builder.h"
#include "profile/proto.h"
#include "profile/unit.h"
#include "report/number.h"
#include "report/report.h"

// A function for each distinct name, file and start line of the nodes.
static uint32_t function_of(struct profile_builder *builder, struct map *rows,
			    const struct report *report, uint32_t node)
{
	const struct node_key *key = graph_node_key(&report->graph, node);
	uint32_t *row = map_put(rows, (uint64_t)key->name << 32 | key->file);
	struct profile_function function = { 0 };

	if (*row != MAP_NONE)
		return *row;
	function.name =
		profile_intern(builder->profile, nodes_name(&report->graph.nodes, node));
	function.filename =
		profile_intern(builder->profile, nodes_file(&report->graph.nodes, node));
	function.start_line = key->start_line;
	*row = profile_builder_add_function(builder, function);
	return *row;
}

static int64_t scaled(const struct report *report, int64_t value)
{
	return number_from_double(
		unit_scale(value, report->unit, report->output_unit).value);
}

// The builder tells locations apart by address, which functions do not have: rows lend
// theirs until the location is made.
static void add_row(struct profile_builder *builder, struct map *functions,
		    const struct report *report, size_t index)
{
	const struct report_row *row = &report->rows[index];
	const struct node_key *key = graph_node_key(&report->graph, row->node);
	struct profile_line line = {
		.function = function_of(builder, functions, report, row->node),
		.line = key->line,
		.column = key->column,
	};
	int64_t values[] = { scaled(report, row->cum), scaled(report, row->flat) };
	uint32_t location = profile_builder_location(builder, PROFILE_NONE, index + 1);

	builder->profile->locations[location].address = key->address;
	profile_builder_set_lines(builder, location, &line, 1);
	profile_builder_append(builder, profile_builder_stack(builder, &location, 1), 0,
			       values);
}

bool proto_report_render(struct report *report, struct writer *w, struct error *err)
{
	(void)err;
	proto_encode_gzip(report->profile, w);
	return true;
}

bool proto_report_render_top(struct report *report, struct writer *w, struct error *err)
{
	const struct profile *profile = report->profile;
	struct profile *top = profile_create();
	struct profile_builder builder;
	struct map functions = { 0 };

	(void)err;
	profile_builder_init(&builder, top);
	profile_builder_add_type(&builder, STR("cum"), report->output_unit);
	profile_builder_add_type(&builder, STR("flat"), report->output_unit);
	top->time_ns = profile->time_ns;
	top->duration_ns = profile->duration_ns;
	top->period = profile->period;
	top->period_type.type =
		profile_intern(top, profile_string(profile, profile->period_type.type));
	top->period_type.unit =
		profile_intern(top, profile_string(profile, profile->period_type.unit));
	for (size_t i = 0; i < report->row_count; i++)
		add_row(&builder, &functions, report, i);
	proto_encode_gzip(top, w);
	map_deinit(&functions);
	profile_builder_deinit(&builder);
	profile_destroy(top);
	return true;
}
