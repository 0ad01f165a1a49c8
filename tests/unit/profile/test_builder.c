// Folding of what is equal, fresh ids, and building upon a built profile.
#include "profile/builder.h"
#include "test.h"

TEST(builder_folds_equal_rows)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	uint32_t key = profile_intern(profile, STR("k"));
	struct profile_label label = { .key = key, .number = 7 };
	uint32_t stacks[2], labels, locations[2];

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("cpu"), STR("nanoseconds"));
	locations[0] = profile_builder_location(&builder, PROFILE_NONE, 0x10);
	locations[1] = profile_builder_location(&builder, PROFILE_NONE, 0x20);
	CHECK_INT(profile_builder_location(&builder, PROFILE_NONE, 0x10), locations[0]);
	CHECK(profile_builder_location(&builder, 0, 0x10) != locations[0]);
	stacks[0] = profile_builder_stack(&builder, locations, 2);
	stacks[1] = profile_builder_stack(&builder, locations, 1);
	CHECK(stacks[0] != stacks[1]);
	CHECK_INT(profile_builder_stack(&builder, locations, 2), stacks[0]);
	CHECK_INT(profile_builder_labels(&builder, NULL, 0), 0);
	labels = profile_builder_labels(&builder, &label, 1);
	CHECK_INT(profile_builder_labels(&builder, &label, 1), labels);
	label.number = 8;
	CHECK(profile_builder_labels(&builder, &label, 1) != labels);

	profile_builder_add(&builder, stacks[0], 0, &(int64_t){ 5 });
	profile_builder_add(&builder, stacks[0], labels, &(int64_t){ 1 });
	profile_builder_add(&builder, stacks[0], 0, &(int64_t){ 6 });
	CHECK_INT(profile->sample_count, 2);
	CHECK_INT(profile_values(profile, 0)[0], 11);
	profile_builder_deinit(&builder);
	profile_destroy(profile);
}

TEST(builder_continues_a_built_profile)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	uint32_t location, stack;

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("a"), STR("count"));
	profile_builder_add_type(&builder, STR("b"), STR("count"));
	for (uint32_t i = 0; i < 5000; i++) {
		location = profile_builder_location(&builder, 0, i);
		stack = profile_builder_stack(&builder, &location, 1);
		profile_builder_add(&builder, stack, 0, (int64_t[]){ i, 1 });
	}
	profile_builder_deinit(&builder);
	profile_builder_init(&builder, profile);
	location = profile_builder_location(&builder, 0, 4000);
	CHECK_INT(location, 4000);
	CHECK_INT(profile->locations[location].id, 4001);
	CHECK_INT(profile_builder_location(&builder, 0, 5000), 5000);
	CHECK_INT(profile->locations[5000].id, 5001);
	stack = profile_builder_stack(&builder, &location, 1);
	CHECK_INT(stack, 4000);
	profile_builder_add(&builder, stack, 0, (int64_t[]){ 1, 1 });
	CHECK_INT(profile->sample_count, 5000);
	CHECK_INT(profile_values(profile, 4000)[0], 4001);
	profile_builder_deinit(&builder);
	profile_destroy(profile);
}

TEST(builder_numbers_anew_when_ids_run_out)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;

	profile_builder_init(&builder, profile);
	profile_builder_add_mapping(&builder, (struct profile_mapping){ .start = 1 });
	profile_builder_deinit(&builder);
	profile->mappings[0].id = UINT64_MAX;
	profile_builder_init(&builder, profile);
	CHECK_INT(profile_builder_add_mapping(&builder, (struct profile_mapping){ 0 }),
		  1);
	CHECK_INT(profile->mappings[0].id, 1);
	CHECK_INT(profile->mappings[1].id, 2);
	profile_builder_deinit(&builder);
	profile_destroy(profile);
}

TEST(builder_keeps_lines_of_locations)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	struct profile_line lines[2] = { { 0, 10, 0 }, { 1, 20, 3 } };

	profile_builder_init(&builder, profile);
	profile_builder_location(&builder, PROFILE_NONE, 1);
	profile_builder_location(&builder, PROFILE_NONE, 2);
	profile_builder_set_lines(&builder, 1, lines, 2);
	profile_builder_set_lines(&builder, 0, lines + 1, 1);
	CHECK_INT(profile->locations[1].first_line, 0);
	CHECK_INT(profile->locations[1].line_count, 2);
	CHECK_INT(profile->lines[profile->locations[0].first_line].column, 3);
	profile_builder_deinit(&builder);
	profile_destroy(profile);
}
