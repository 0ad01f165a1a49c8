// Answers of .../symbol turned into functions.
#include "source/remote_symbols.h"

#include "profile/builder.h"
#include "profile/profile.h"
#include "test.h"

// Locations 0x1010 and 0x1020 in a mapping, 0x1010 in none.
static struct profile *sketch(void)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	uint32_t mapping;

	profile_builder_init(&builder, profile);
	mapping = profile_builder_add_mapping(
		&builder, (struct profile_mapping){ .start = 0x1000, .limit = 0x2000 });
	profile_builder_location(&builder, mapping, 0x1010);
	profile_builder_location(&builder, mapping, 0x1020);
	profile_builder_location(&builder, PROFILE_NONE, 0x1010);
	profile_builder_deinit(&builder);
	return profile;
}

static struct str name_at(const struct profile *profile, size_t location)
{
	const struct profile_location *row = &profile->locations[location];
	const struct profile_line *line = &profile->lines[row->first_line];

	if (row->line_count == 0)
		return STR("");
	return profile_string(profile, profile->functions[line->function].name);
}

TEST(remote_symbols_names_locations)
{
	struct profile *profile = sketch();

	remote_symbols_apply(profile, 0, 0,
			     STR("num_symbols: 1\n0x1010\tmain.one\n"
				 "0x1020 main.one\r\n0x9999 other\n"),
			     DEMANGLE_SHORT);
	CHECK_STR(name_at(profile, 0), "main.one");
	CHECK_STR(name_at(profile, 1), "main.one");
	CHECK_STR(name_at(profile, 2), "");
	CHECK_INT(profile->function_count, 1);
	CHECK(profile->mappings[0].has_functions);
	profile_destroy(profile);
}

TEST(remote_symbols_moves_addresses_back)
{
	struct profile *profile = sketch();

	remote_symbols_apply(profile, 0, 0x10000, STR("0x11020 _ZN1a1bEi"),
			     DEMANGLE_SHORT);
	CHECK_STR(name_at(profile, 0), "");
	CHECK_STR(name_at(profile, 1), "a::b");
	profile_destroy(profile);
}

TEST(remote_symbols_serves_locations_without_mapping)
{
	struct profile *profile = sketch();

	remote_symbols_apply(profile, PROFILE_NONE, 0, STR("0x1010 bare\n"),
			     DEMANGLE_SHORT);
	CHECK_STR(name_at(profile, 0), "");
	CHECK_STR(name_at(profile, 2), "bare");
	profile_destroy(profile);
}

TEST(remote_symbols_ignores_what_is_no_answer)
{
	struct profile *profile = sketch();

	remote_symbols_apply(profile, 0, 0,
			     STR("<html>\n0x\n0x1010\n0x1010name\n0x1010 \n"
				 "0x11111111111111111 wide\n"),
			     DEMANGLE_SHORT);
	CHECK_STR(name_at(profile, 0), "");
	CHECK_INT(profile->function_count, 0);
	CHECK(!profile->mappings[0].has_functions);
	profile_destroy(profile);
}
