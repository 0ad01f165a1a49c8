// Each line is a stack and, behind the last blank, its count.
#include "profile/folded_input.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/lines.h"
#include "base/scan.h"
#include "profile/frames.h"

// What is being read, and the stack of the current line.
struct folded_input {
	struct profile_builder builder;
	struct frames frames;
	uint32_t *stack;
	size_t depth, capacity;
	uint32_t *by_name; // string id -> location, or PROFILE_NONE
	size_t name_count, name_capacity;
};

// Counts are whole, but some tools write fractions.
static bool to_count(struct str text, int64_t *count)
{
	double value;

	if (str_to_i64(text, 10, count))
		return true;
	if (text.n == 0 || !scan_is_digit(text.p[0]) || !str_to_double(text, &value) ||
	    !(value < 1e18))
		return false;
	*count = (int64_t)(value + 0.5);
	return true;
}

static bool split(struct str line, struct str *stack, int64_t *count)
{
	ptrdiff_t blank;

	line = str_trim(line);
	blank = str_find_last_char(line, ' ');
	if (blank == STR_NOT_FOUND)
		blank = str_find_last_char(line, '\t');
	if (blank == STR_NOT_FOUND)
		return false;
	*stack = str_trim(str_slice(line, 0, (size_t)blank));
	return stack->n > 0 && to_count(str_after(line, (size_t)blank + 1), count);
}

static bool is_no_stack(struct str line)
{
	line = str_trim(line);
	return line.n == 0 || line.p[0] == '#';
}

bool folded_input_is_likely(struct str bytes)
{
	enum { LINES_TO_TRY = 16 };
	struct lines lines = { .rest = bytes };
	struct str stack;
	int64_t count;
	int seen = 0;

	while (seen < LINES_TO_TRY && lines_next(&lines)) {
		if (is_no_stack(lines.line))
			continue;
		if (!split(lines.line, &stack, &count) ||
		    str_find_char(stack, '\0') != STR_NOT_FOUND)
			return false;
		seen++;
	}
	// Other text may end its lines with numbers; stacks of a single frame throughout
	// are not worth the risk.
	return seen > 0 && str_find_char(bytes, ';') != STR_NOT_FOUND;
}

static uint32_t location_of(struct folded_input *input, struct str name)
{
	uint32_t id = profile_intern(input->builder.profile, name);

	if (id >= input->name_count)
		input->by_name = table_reserve(input->by_name, &input->name_capacity,
					       (size_t)id + 1, sizeof(*input->by_name));
	while (id >= input->name_count)
		input->by_name[input->name_count++] = PROFILE_NONE;
	if (input->by_name[id] == PROFILE_NONE)
		input->by_name[id] =
			frames_location(&input->frames,
					frames_function(&input->frames, name, STR("")),
					0);
	return input->by_name[id];
}

// Fills the stack from its end, as frames come outermost first.
static void read_stack(struct folded_input *input, struct str text)
{
	size_t room = 1;
	struct str name;

	for (size_t i = 0; i < text.n; i++)
		room += text.p[i] == ';';
	input->stack = table_reserve(input->stack, &input->capacity, room,
				     sizeof(*input->stack));
	input->depth = 0;
	while (str_cut(&text, ';', &name)) {
		input->depth++;
		input->stack[room - input->depth] = location_of(input, name);
	}
	memmove(input->stack, input->stack + room - input->depth,
		input->depth * sizeof(*input->stack));
}

static bool read_lines(struct folded_input *input, struct str bytes, struct error *err)
{
	struct lines lines = { .rest = bytes };
	struct str stack;
	int64_t count;

	while (lines_next(&lines)) {
		if (is_no_stack(lines.line))
			continue;
		if (!split(lines.line, &stack, &count))
			return error_set(err, ERROR_FORMAT,
					 "line %zu does not end with a count",
					 lines.number);
		read_stack(input, stack);
		profile_builder_append(&input->builder,
				       profile_builder_stack(&input->builder,
							     input->stack, input->depth),
				       0, &count);
	}
	return true;
}

bool folded_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct folded_input input = { 0 };
	struct profile *profile = profile_create();
	bool is_ok;

	profile_builder_init(&input.builder, profile);
	frames_init(&input.frames, &input.builder);
	profile_builder_add_type(&input.builder, STR("samples"), STR("count"));
	is_ok = read_lines(&input, bytes, err);
	frames_deinit(&input.frames);
	profile_builder_deinit(&input.builder);
	free(input.stack);
	free(input.by_name);
	if (is_ok)
		*out = profile;
	else
		profile_destroy(profile);
	return is_ok;
}
