// Text to profile and back.
#include "sketch.h"

#include <stdlib.h>

#include "profile/builder.h"
#include "test.h"

enum { PARTS_MAX = 32 };

static uint32_t function_row(struct profile_builder *builder, struct str name)
{
	struct profile *profile = builder->profile;
	uint32_t id = profile_intern(profile, name);

	for (uint32_t i = 0; i < profile->function_count; i++) {
		if (profile->functions[i].name == id)
			return i;
	}
	return profile_builder_add_function(
		builder, (struct profile_function){ .name = id, .system_name = id });
}

// The address is made of the text, so that equal frames are one location.
static uint32_t location_row(struct profile_builder *builder, struct str frame)
{
	struct profile_line lines[PARTS_MAX];
	uint32_t count = 0, row;
	struct str name;

	row = profile_builder_location(builder, 0, str_hash(frame));
	if (builder->profile->locations[row].line_count > 0)
		return row;
	// Written from the outside in, kept from the inside out.
	for (size_t at = PARTS_MAX; str_cut(&frame, '>', &name); count++)
		lines[--at] =
			(struct profile_line){ .function = function_row(builder, name),
					       .line = 1 };
	profile_builder_set_lines(builder, row, lines + PARTS_MAX - count, count);
	return row;
}

static uint32_t stack_row(struct profile_builder *builder, struct str frames)
{
	uint32_t stack[PARTS_MAX];
	size_t at = PARTS_MAX;
	struct str frame;

	while (str_cut(&frames, ';', &frame))
		stack[--at] = location_row(builder, frame);
	return profile_builder_stack(builder, stack + at, PARTS_MAX - at);
}

static struct profile_label parse_label(struct profile *profile, struct str text)
{
	ptrdiff_t equals = str_find_char(text, '='), colon = str_find_char(text, ':');
	struct profile_label label = { 0 };
	size_t at = (size_t)(equals >= 0 ? equals : colon);

	label.key = profile_intern(profile, str_slice(text, 0, at));
	if (equals >= 0)
		label.string = profile_intern(profile, str_after(text, at + 1));
	else
		CHECK(str_to_i64(str_after(text, at + 1), 10, &label.number));
	return label;
}

static void add_sample(struct profile_builder *builder, struct str line)
{
	struct profile_label labels[PARTS_MAX];
	struct str frames, value, label;
	size_t count = 0;
	int64_t number;

	CHECK(str_cut(&line, ' ', &frames) && str_cut(&line, ' ', &value));
	CHECK(str_to_i64(value, 10, &number));
	while (str_cut(&line, ' ', &label))
		labels[count++] = parse_label(builder->profile, label);
	profile_builder_append(builder, stack_row(builder, frames),
			       profile_builder_labels(builder, labels, count), &number);
}

struct profile *sketch_make(const char *text)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	struct str rest = str_from(text), line;

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("cpu"), STR("nanoseconds"));
	profile->period_type = profile->types[0];
	profile_builder_add_mapping(
		&builder, (struct profile_mapping){
				  .file = profile_intern(profile, STR("/bin/prog")),
			  });
	while (str_cut(&rest, '\n', &line)) {
		if (line.n > 0)
			add_sample(&builder, line);
	}
	profile_builder_deinit(&builder);
	return profile;
}

static struct str location_text(const struct profile *profile, uint32_t row,
				struct arena *arena)
{
	const struct profile_location *location = &profile->locations[row];
	struct str text = STR("");

	for (uint32_t i = location->line_count; i-- > 0;) {
		uint32_t function = profile->lines[location->first_line + i].function;
		struct str name =
			profile_string(profile, profile->functions[function].name);

		text = str_format(arena, "%.*s%s%.*s", (int)text.n, text.p,
				  text.n == 0 ? "" : ">", (int)name.n, name.p);
	}
	return text;
}

static struct str label_text(const struct profile *profile,
			     const struct profile_label *label, struct arena *arena)
{
	struct str key = profile_string(profile, label->key);
	struct str value = profile_string(profile, label->string);

	if (label->string == 0)
		return str_format(arena, " %.*s:%" PRId64, (int)key.n, key.p,
				  label->number);
	return str_format(arena, " %.*s=%.*s", (int)key.n, key.p, (int)value.n, value.p);
}

static struct str sample_text(const struct profile *profile, size_t sample,
			      struct arena *arena)
{
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[sample]);
	struct profile_labels_view list =
		profile_labels(profile, profile->sample_labels[sample]);
	struct str text = STR("");

	for (size_t i = stack.count; i-- > 0;) {
		struct str frame = location_text(profile, stack.locations[i], arena);

		text = str_format(arena, "%.*s%s%.*s", (int)text.n, text.p,
				  i + 1 == stack.count ? "" : ";", (int)frame.n, frame.p);
	}
	text = str_format(arena, "%.*s %" PRId64, (int)text.n, text.p,
			  profile_values(profile, sample)[0]);
	for (size_t i = 0; i < list.count; i++) {
		struct str label = label_text(profile, &list.labels[i], arena);

		text = str_format(arena, "%.*s%.*s", (int)text.n, text.p, (int)label.n,
				  label.p);
	}
	return text;
}

struct str sketch_text(const struct profile *profile, struct arena *arena)
{
	struct str all = STR("");

	for (size_t i = 0; i < profile->sample_count; i++) {
		struct str line = sample_text(profile, i, arena);

		all = str_format(arena, "%.*s%.*s\n", (int)all.n, all.p, (int)line.n,
				 line.p);
	}
	return all;
}
