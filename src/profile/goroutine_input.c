// A heading for each goroutine, then two lines for each frame, the leaf first:
//
//	goroutine 18 [chan receive, 5 minutes, locked to thread]:
//	main.worker(0x1, {0x2, 0x3})
//		/src/main.go:12 +0x1d
//	created by main.main in goroutine 1
//		/src/main.go:30 +0xcc
#include "profile/goroutine_input.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/lines.h"
#include "base/scan.h"
#include "profile/frames.h"
#include "profile/go_labels.h"

enum {
	OWN_LABELS = 8,              // beside those the program gave
	LIKELY_WITHIN = 1024 * 1024, // a log may precede a crash
};

// The goroutine whose lines are being read.
struct goroutine_input {
	struct profile_builder builder;
	struct frames frames;
	bool is_inside;
	struct str function; // whose place the next line tells; "" for none
	uint32_t *stack;
	size_t depth, capacity;
	struct profile_label labels[OWN_LABELS + GO_LABELS_LIMIT];
	size_t label_count;
};

// "goroutine N [STATE]:", with more words between in a crash; the state is what is in the
// brackets.
static bool parse_heading(struct str line, struct str *state)
{
	struct scan scan = scan_from(line);
	int64_t id;
	ptrdiff_t open;

	if (!scan_text(&scan, STR("goroutine ")) || !scan_i64(&scan, &id) ||
	    !scan_text(&scan, STR(" ")) || !str_ends_with(scan.rest, STR("]:")))
		return false;
	open = str_find_char(scan.rest, '[');
	if (open == STR_NOT_FOUND)
		return false;
	*state = str_slice(scan.rest, (size_t)open + 1, scan.rest.n - 2);
	return true;
}

bool goroutine_input_is_likely(struct str bytes)
{
	struct lines lines = { .rest = str_slice(bytes, 0, LIKELY_WITHIN) };
	struct str state;

	while (lines_next(&lines)) {
		if (parse_heading(lines.line, &state))
			return true;
	}
	return false;
}

static void add_label(struct goroutine_input *input, struct profile_label label)
{
	if (input->label_count < OWN_LABELS)
		input->labels[input->label_count++] = label;
}

static void add_text_label(struct goroutine_input *input, struct str key,
			   struct str value)
{
	struct profile *profile = input->builder.profile;

	add_label(input, (struct profile_label){
				 .key = profile_intern(profile, key),
				 .string = profile_intern(profile, value),
			 });
}

// "5 minutes", "locked to thread", "synctest bubble 7".
static void add_circumstance(struct goroutine_input *input, struct str text)
{
	struct profile *profile = input->builder.profile;
	struct scan scan = scan_from(text);
	int64_t minutes;

	if (scan_i64(&scan, &minutes) && str_equal(scan.rest, STR(" minutes")))
		add_label(input, (struct profile_label){
					 .key = profile_intern(profile, STR("wait")),
					 .number = minutes,
					 .unit = profile_intern(profile, STR("minutes")),
				 });
	else if (str_equal(text, STR("locked to thread")))
		add_text_label(input, STR("locked"), STR("to thread"));
	else
		add_text_label(input, STR("note"), text);
}

// "chan receive, 5 minutes labels:{...}": the labels are the program's own.
static void start(struct goroutine_input *input, struct str state)
{
	static const struct str mark = STR(" labels:");
	ptrdiff_t labels = str_find(state, mark);
	struct str given = STR(""), part;
	bool is_first = true;

	if (labels != STR_NOT_FOUND) {
		given = str_after(state, (size_t)labels + mark.n);
		state = str_slice(state, 0, (size_t)labels);
	}
	input->is_inside = true;
	input->depth = 0;
	input->label_count = 0;
	while (str_cut(&state, ',', &part)) {
		part = str_trim(part);
		if (is_first)
			add_text_label(input, STR("state"), part);
		else
			add_circumstance(input, part);
		is_first = false;
	}
	input->label_count += go_labels_read(input->builder.profile, given,
					     input->labels + input->label_count);
}

static void push(struct goroutine_input *input, struct str file, int64_t line)
{
	uint32_t function = frames_function(&input->frames, input->function, file);

	input->stack = table_reserve(input->stack, &input->capacity, input->depth + 1,
				     sizeof(*input->stack));
	input->stack[input->depth++] = frames_location(&input->frames, function, line);
	input->function = STR("");
}

// Frames without a place are those that stand for others.
static void push_pending(struct goroutine_input *input)
{
	if (input->function.n > 0)
		push(input, STR(""), 0);
}

static void finish(struct goroutine_input *input)
{
	struct profile_builder *builder = &input->builder;

	if (!input->is_inside)
		return;
	push_pending(input);
	profile_builder_add(
		builder, profile_builder_stack(builder, input->stack, input->depth),
		profile_builder_labels(builder, input->labels, input->label_count),
		&(int64_t){ 1 });
	input->is_inside = false;
}

// "/src/main.go:12 +0x1d fp=...".
static void read_place(struct goroutine_input *input, struct str text)
{
	ptrdiff_t blank = str_find(text, STR(" +0x"));
	ptrdiff_t colon;
	int64_t line;

	if (str_starts_with(text, STR("goroutine running on other thread")))
		input->function = STR("[stack unavailable]");
	if (input->function.n == 0)
		return;
	if (blank != STR_NOT_FOUND)
		text = str_slice(text, 0, (size_t)blank);
	colon = str_find_last_char(text, ':');
	if (colon == STR_NOT_FOUND ||
	    !str_to_i64(str_after(text, (size_t)colon + 1), 10, &line))
		push_pending(input);
	else
		push(input, str_slice(text, 0, (size_t)colon), line);
}

static void read_creator(struct goroutine_input *input, struct str text)
{
	ptrdiff_t by = str_find(text, STR(" in goroutine "));

	push_pending(input);
	if (by != STR_NOT_FOUND)
		text = str_slice(text, 0, (size_t)by);
	if (input->label_count < sizeof(input->labels) / sizeof(input->labels[0]))
		input->labels[input->label_count++] = (struct profile_label){
			.key = profile_intern(input->builder.profile, STR("created by")),
			.string = profile_intern(input->builder.profile, text),
		};
}

static void read_function(struct goroutine_input *input, struct str line)
{
	ptrdiff_t arguments = str_find_last_char(line, '(');

	push_pending(input);
	if (str_starts_with(line, STR("...")) && str_ends_with(line, STR("...")))
		input->function = STR("[frames elided]");
	else if (arguments > 0 && str_ends_with(line, STR(")")))
		input->function = str_slice(line, 0, (size_t)arguments);
}

static void read_line(struct goroutine_input *input, struct str line)
{
	static const struct str creator = STR("created by ");
	struct str state;

	if (parse_heading(line, &state)) {
		finish(input);
		start(input, state);
	} else if (!input->is_inside) {
		return;
	} else if (line.n == 0) {
		finish(input);
	} else if (scan_is_blank(line.p[0])) {
		read_place(input, str_trim(line));
	} else if (str_starts_with(line, creator)) {
		read_creator(input, str_after(line, creator.n));
	} else {
		read_function(input, line);
	}
}

bool goroutine_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct goroutine_input input = { 0 };
	struct profile *profile = profile_create();
	struct lines lines = { .rest = bytes };

	(void)err;
	profile_builder_init(&input.builder, profile);
	frames_init(&input.frames, &input.builder);
	profile_builder_add_type(&input.builder, STR("goroutine"), STR("count"));
	profile->period_type = profile->types[0];
	profile->period = 1;
	while (lines_next(&lines))
		read_line(&input, lines.line);
	finish(&input);
	frames_deinit(&input.frames);
	profile_builder_deinit(&input.builder);
	free(input.stack);
	*out = profile;
	return true;
}
