// The graph of a callgrind file as a profile: a column for each event.
#include "profile/callgrind_input.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/lines.h"
#include "profile/callgrind_graph.h"
#include "profile/callgrind_stacks.h"
#include "profile/frames.h"

struct callgrind_input {
	struct callgrind_sink sink; // first: the callback casts back
	const struct callgrind_graph *graph;
	struct profile_builder builder;
	struct frames frames;
	struct map mappings; // string id of a file -> row
	uint32_t *locations; // of each place
	uint32_t *stack;
	size_t capacity;
};

// The first line that is no comment and no header tells; an events: line has come by
// then.
bool callgrind_input_is_likely(struct str bytes)
{
	enum { LINES_TO_TRY = 64 };
	struct lines lines = { .rest = bytes };
	bool has_events = false;

	if (str_starts_with(bytes, STR("# callgrind format")))
		return true;
	while (lines.number < LINES_TO_TRY && lines_next(&lines)) {
		struct str line = lines.line;

		has_events |= str_starts_with(line, STR("events: "));
		if (str_starts_with(line, STR("fn=")) ||
		    str_starts_with(line, STR("fl=")) ||
		    str_starts_with(line, STR("ob=")))
			return has_events;
		if (line.n > 0 && line.p[0] != '#' &&
		    str_find(line, STR(":")) == STR_NOT_FOUND)
			return false;
	}
	return has_events;
}

static uint32_t mapping_row(struct callgrind_input *input, struct str object)
{
	uint32_t id = profile_intern(input->builder.profile, object);
	uint32_t *row;

	if (object.n == 0)
		return PROFILE_NONE;
	row = map_put(&input->mappings, id);
	if (*row == MAP_NONE)
		*row = profile_builder_add_mapping(&input->builder,
						   (struct profile_mapping){
							   .file = id,
							   .has_functions = true,
							   .has_filenames = true,
							   .has_line_numbers = true,
						   });
	return *row;
}

// The first mapping is the program: the one that the command names.
static void add_program(struct callgrind_input *input)
{
	struct str command = input->graph->command, word = STR("");

	if (!str_cut(&command, ' ', &word) || word.n == 0)
		return;
	for (size_t i = 0; i < input->graph->function_count; i++) {
		struct str object = input->graph->functions[i].object;

		if (str_equal(str_basename(object), str_basename(word))) {
			mapping_row(input, object);
			return;
		}
	}
}

static void add_locations(struct callgrind_input *input)
{
	const struct callgrind_graph *graph = input->graph;

	input->locations = table_zeroed(graph->place_count + 1, sizeof(uint32_t));
	for (size_t i = 0; i < graph->place_count; i++) {
		const struct callgrind_place *place = &graph->places[i];
		const struct callgrind_function *function =
			&graph->functions[place->function];
		struct profile_line line = {
			.function = frames_function(&input->frames, function->name,
						    place->file),
			.line = place->line,
		};

		input->locations[i] =
			profile_builder_add_location(&input->builder,
						     mapping_row(input, function->object),
						     place->address);
		if (function->name.n > 0)
			profile_builder_set_lines(&input->builder, input->locations[i],
						  &line, 1);
	}
}

static void add_stack(struct callgrind_sink *sink, const uint32_t *places, size_t count,
		      const int64_t *values)
{
	struct callgrind_input *input = (struct callgrind_input *)sink;

	input->stack = table_reserve(input->stack, &input->capacity, count,
				     sizeof(*input->stack));
	for (size_t i = 0; i < count; i++)
		input->stack[i] = input->locations[places[i]];
	profile_builder_add(&input->builder,
			    profile_builder_stack(&input->builder, input->stack, count),
			    0, values);
}

static void build(struct callgrind_input *input)
{
	const struct callgrind_graph *graph = input->graph;
	struct profile *profile = input->builder.profile;

	for (size_t i = 0; i < graph->event_count; i++)
		profile_builder_add_type(&input->builder, graph->events[i].name,
					 graph->events[i].unit);
	if (graph->event_count > 1)
		profile->default_type = profile_intern(profile, graph->events[0].name);
	(void)profile_builder_labels(&input->builder, NULL, 0);
	add_program(input);
	add_locations(input);
	callgrind_stacks_compose(graph, &input->sink);
	profile_add_comment(profile,
			    STR("goprof: callgrind knows calls, not stacks: paths "
				"of more than two functions are estimates"));
}

bool callgrind_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct callgrind_graph graph;
	struct callgrind_input input = { .sink = { add_stack }, .graph = &graph };

	if (!callgrind_graph_read(bytes, &graph, err))
		return false;
	if (graph.event_count == 0) {
		callgrind_graph_deinit(&graph);
		return error_set(err, ERROR_FORMAT, "it has no events: line");
	}
	*out = profile_create();
	profile_builder_init(&input.builder, *out);
	frames_init(&input.frames, &input.builder);
	build(&input);
	frames_deinit(&input.frames);
	profile_builder_deinit(&input.builder);
	map_deinit(&input.mappings);
	free(input.locations);
	free(input.stack);
	callgrind_graph_deinit(&graph);
	return true;
}
