// A heading for each sample, then a line for each frame, the leaf first:
//
//	comm  991/992 [003] 7089.043134:    1001001 cpu-clock:ppp:
//		ffffffff815dfdba set_ptes.isra.0+0x6a ([kernel.kallsyms])
#include "profile/perf_script_input.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/lines.h"
#include "base/scan.h"
#include "profile/frames.h"

enum { EVENT_LIMIT = 16, INLINED_LIMIT = 256 };

struct script_heading {
	struct str comm, event;
	int64_t period;  // 0: not told
	struct str rest; // a frame, where stacks were not recorded
};

struct script_frame {
	uint64_t address;
	struct str name, file; // "" where unknown
};

// An event is one column of values.
struct script_event {
	struct str name;
	bool has_period;
};

struct perf_script_input {
	struct profile_builder builder;
	struct frames frames;
	struct script_event events[EVENT_LIMIT];
	size_t event_count;
	bool has_several_comms;
	struct map mappings;           // file -> row
	struct script_heading heading; // of the sample being read
	bool is_inside;
	uint32_t *stack;
	size_t depth, capacity;
	struct profile_line inlined[INLINED_LIMIT]; // into the next frame
	size_t inlined_count;
};

static bool is_decimal(struct str word)
{
	return word.n > 0 && scan_digit_count(word, scan_is_digit) == word.n;
}

// "7089.043134:"
static bool is_time(struct str word)
{
	ptrdiff_t dot = str_find_char(word, '.');

	return dot != STR_NOT_FOUND && str_ends_with(word, STR(":")) &&
	       is_decimal(str_slice(word, 0, (size_t)dot)) &&
	       is_decimal(str_slice(word, (size_t)dot + 1, word.n - 1));
}

// Cuts the last word off, if it is a thread id, "PID/TID" or a processor, "[003]".
static bool cut_number(struct str *text)
{
	ptrdiff_t blank = str_find_last_char(*text, ' ');
	struct str word =
		str_after(*text, blank == STR_NOT_FOUND ? 0 : (size_t)blank + 1);
	ptrdiff_t slash = str_find_char(word, '/');
	bool is_number = is_decimal(word) ||
			 (word.n > 2 && word.p[0] == '[' &&
			  is_decimal(str_slice(word, 1, word.n - 1))) ||
			 (slash != STR_NOT_FOUND &&
			  is_decimal(str_slice(word, 0, (size_t)slash)) &&
			  is_decimal(str_after(word, (size_t)slash + 1)));

	if (is_number && blank != STR_NOT_FOUND)
		*text = str_trim(str_slice(*text, 0, (size_t)blank));
	return is_number && blank != STR_NOT_FOUND;
}

// Without the colon behind it, and without the modifiers ":ppp" or ":u".
static struct str event_name(struct str word)
{
	ptrdiff_t colon;

	word = str_slice(word, 0, word.n - 1);
	colon = str_find_last_char(word, ':');
	if (colon <= 0)
		return word;
	for (size_t i = (size_t)colon + 1; i < word.n; i++) {
		if (word.p[i] == '\0' || strchr("ukhpPGHISDWe", word.p[i]) == NULL)
			return word;
	}
	return str_slice(word, 0, (size_t)colon);
}

static bool parse_heading(struct str line, struct script_heading *heading)
{
	struct scan scan = scan_from(line);
	struct str word, before;

	*heading = (struct script_heading){ 0 };
	do {
		scan_blanks(&scan);
		before = str_slice(line, 0, line.n - scan.rest.n);
		if (!scan_word(&scan, &word))
			return false;
	} while (!is_time(word));
	before = str_trim(before);
	if (!cut_number(&before))
		return false;
	while (cut_number(&before))
		;
	heading->comm = before;
	scan_blanks(&scan);
	if (!scan_word(&scan, &word))
		return false;
	if (str_to_i64(word, 10, &heading->period)) {
		scan_blanks(&scan);
		if (!scan_word(&scan, &word))
			return false;
	}
	heading->event = event_name(word);
	heading->rest = str_trim(scan.rest);
	return str_ends_with(word, STR(":")) && heading->event.n > 0;
}

// Cuts "(FILE)" off the end, where FILE may itself be "/bin/x (deleted)".
static struct str cut_file(struct str *text)
{
	static const struct str deleted = STR(" (deleted))");
	struct str body = *text, file;
	ptrdiff_t open;

	if (str_ends_with(body, deleted))
		body = str_slice(body, 0, body.n - deleted.n);
	else if (str_ends_with(body, STR(")")))
		body.n--;
	else
		return STR("");
	open = str_find_last_char(body, '(');
	if (open == STR_NOT_FOUND)
		return STR("");
	file = str_after(body, (size_t)open + 1);
	*text = str_trim(str_slice(body, 0, (size_t)open));
	return str_equal(file, STR("[unknown]")) ? STR("") : file;
}

static bool parse_frame(struct str line, struct script_frame *frame)
{
	struct scan scan = scan_from(str_trim(line));
	struct str name;
	ptrdiff_t offset;

	if (!scan_hex(&scan, &frame->address) || !scan_is_blank(scan_peek(&scan)))
		return false;
	name = str_trim(scan.rest);
	frame->file = cut_file(&name);
	offset = str_find_last_char(name, '+');
	if (offset > 0 && str_starts_with(str_after(name, (size_t)offset), STR("+0x")))
		name = str_slice(name, 0, (size_t)offset);
	frame->name = str_equal(name, STR("[unknown]")) ? STR("") : name;
	return true;
}

static bool is_frame_line(struct str line)
{
	struct script_frame frame;

	return line.n > 0 && scan_is_blank(line.p[0]) && parse_frame(line, &frame);
}

bool perf_script_input_is_likely(struct str bytes)
{
	enum { LINES_TO_TRY = 64 };
	struct lines lines = { .rest = bytes };
	struct script_heading heading;

	while (lines.number < LINES_TO_TRY && lines_next(&lines)) {
		if (lines.line.n == 0 || lines.line.p[0] == '#')
			continue;
		return parse_heading(lines.line, &heading);
	}
	return false;
}

static size_t find_event(const struct perf_script_input *input, struct str name)
{
	size_t i = 0;

	while (i < input->event_count && !str_equal(input->events[i].name, name))
		i++;
	return i;
}

// Columns must be known before the first sample.
static void find_events(struct perf_script_input *input, struct str bytes)
{
	struct lines lines = { .rest = bytes };
	struct script_heading heading;
	struct str comm = STR("");

	while (lines_next(&lines)) {
		size_t event;

		if (is_frame_line(lines.line) || !parse_heading(lines.line, &heading))
			continue;
		if (input->event_count == 0)
			comm = heading.comm;
		input->has_several_comms |= !str_equal(comm, heading.comm);
		event = find_event(input, heading.event);
		if (event == EVENT_LIMIT)
			continue;
		if (event == input->event_count)
			input->events[input->event_count++].name = heading.event;
		input->events[event].has_period |= heading.period > 0;
	}
}

static void add_types(struct perf_script_input *input)
{
	profile_builder_add_type(&input->builder, STR("samples"), STR("count"));
	for (size_t i = 0; i < input->event_count; i++) {
		const struct script_event *event = &input->events[i];
		bool is_time = event->has_period &&
			       (str_starts_with(event->name, STR("cpu-clock")) ||
				str_starts_with(event->name, STR("task-clock")));

		profile_builder_add_type(&input->builder, event->name,
					 is_time ? STR("nanoseconds") : STR("count"));
	}
}

// perf tells addresses, but not where files are mapped, so a mapping is but a file.
static uint32_t mapping_row(struct perf_script_input *input, struct str file)
{
	uint32_t id = profile_intern(input->builder.profile, file);
	uint32_t *row;

	if (file.n == 0)
		return PROFILE_NONE;
	row = map_put(&input->mappings, id);
	if (*row == MAP_NONE)
		*row = profile_builder_add_mapping(
			&input->builder,
			(struct profile_mapping){ .file = id, .has_functions = true });
	return *row;
}

static void name_location(struct perf_script_input *input, uint32_t location,
			  struct str name)
{
	if (name.n > 0)
		input->inlined[input->inlined_count++] = (struct profile_line){
			.function = frames_function(&input->frames, name, STR("")),
		};
	if (input->builder.profile->locations[location].line_count == 0)
		profile_builder_set_lines(&input->builder, location, input->inlined,
					  input->inlined_count);
	input->inlined_count = 0;
}

static void push(struct perf_script_input *input, struct str line)
{
	struct script_frame frame;
	uint32_t location;

	if (!parse_frame(line, &frame))
		return;
	if (str_equal(frame.file, STR("inlined"))) {
		if (input->inlined_count + 1 < INLINED_LIMIT)
			input->inlined[input->inlined_count++] = (struct profile_line){
				.function = frames_function(&input->frames, frame.name,
							    STR("")),
			};
		return;
	}
	location = profile_builder_location(
		&input->builder, mapping_row(input, frame.file), frame.address);
	name_location(input, location, frame.name);
	input->stack = table_reserve(input->stack, &input->capacity, input->depth + 1,
				     sizeof(*input->stack));
	input->stack[input->depth++] = location;
}

static void finish(struct perf_script_input *input)
{
	struct profile_builder *builder = &input->builder;
	int64_t values[1 + EVENT_LIMIT] = { 1 };
	size_t event = find_event(input, input->heading.event), label_count = 0;
	struct profile_label label = { 0 };

	if (!input->is_inside)
		return;
	if (event < input->event_count)
		values[1 + event] =
			input->events[event].has_period ? input->heading.period : 1;
	if (input->has_several_comms) {
		label.key = profile_intern(builder->profile, STR("thread"));
		label.string = profile_intern(builder->profile, input->heading.comm);
		label_count = 1;
	}
	profile_builder_add(builder,
			    profile_builder_stack(builder, input->stack, input->depth),
			    profile_builder_labels(builder, &label, label_count), values);
	input->is_inside = false;
	input->depth = 0;
	input->inlined_count = 0;
}

static void read_line(struct perf_script_input *input, struct str line)
{
	struct script_heading heading;

	if (input->is_inside && is_frame_line(line)) {
		push(input, line);
		return;
	}
	if (input->is_inside && line.n > 0 && scan_is_blank(line.p[0]) &&
	    !parse_heading(line, &heading))
		return; // the place of a frame, which -F +srcline adds
	finish(input);
	if (line.n == 0 || line.p[0] == '#' || !parse_heading(line, &heading))
		return;
	input->heading = heading;
	input->is_inside = true;
	if (input->heading.rest.n > 0)
		push(input, input->heading.rest);
}

bool perf_script_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct perf_script_input input = { 0 };
	struct profile *profile = profile_create();
	struct lines lines = { .rest = bytes };

	(void)err;
	profile_builder_init(&input.builder, profile);
	frames_init(&input.frames, &input.builder);
	find_events(&input, bytes);
	add_types(&input);
	while (lines_next(&lines))
		read_line(&input, lines.line);
	finish(&input);
	frames_deinit(&input.frames);
	profile_builder_deinit(&input.builder);
	map_deinit(&input.mappings);
	free(input.stack);
	*out = profile;
	return true;
}
