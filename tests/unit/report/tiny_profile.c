// Builds locations for words.
#include "tiny_profile.h"

#include "base/hash.h"
#include "base/str.h"
#include "profile/builder.h"
#include "profile/profile.h"

enum { DEPTH_MAX = 16 };

struct profile *tiny_profile_create(void)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("samples"), STR("count"));
	profile_builder_deinit(&builder);
	return profile;
}

static uint32_t function_of(struct profile_builder *builder, struct str name)
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

// The location of a call and of what was inlined into it; its address is their hash.
static uint32_t location_of(struct profile_builder *builder, struct profile_line *lines,
			    size_t count)
{
	uint64_t address = hash_bytes(lines, count * sizeof(*lines)) | 1;
	uint32_t location = profile_builder_location(builder, PROFILE_NONE, address);

	if (builder->profile->locations[location].line_count == 0)
		profile_builder_set_lines(builder, location, lines, count);
	return location;
}

void tiny_profile_add(struct profile *profile, const char *stack, int64_t value)
{
	struct str rest = str_from(stack), word;
	struct profile_line lines[DEPTH_MAX] = { 0 };
	uint32_t root_first[DEPTH_MAX], leaf_first[DEPTH_MAX];
	size_t line_count = 0, depth = 0;
	struct profile_builder builder;

	profile_builder_init(&builder, profile);
	while (str_cut(&rest, ' ', &word)) {
		bool is_inlined = word.p[0] == '+';

		if (!is_inlined && line_count > 0)
			root_first[depth++] = location_of(
				&builder, lines + DEPTH_MAX - line_count, line_count);
		line_count = is_inlined ? line_count + 1 : 1;
		lines[DEPTH_MAX - line_count] = (struct profile_line){
			.function = function_of(&builder, str_after(word, is_inlined)),
			.line = 1,
		};
	}
	root_first[depth++] =
		location_of(&builder, lines + DEPTH_MAX - line_count, line_count);
	for (size_t i = 0; i < depth; i++)
		leaf_first[i] = root_first[depth - 1 - i];
	profile_builder_append(
		&builder, profile_builder_stack(&builder, leaf_first, depth), 0, &value);
	profile_builder_deinit(&builder);
}
