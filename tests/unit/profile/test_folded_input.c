// Folded stacks: order of frames, counts, and what is no such file.
#include "base/error.h"
#include "profile/folded_input.h"
#include "profile/profile.h"
#include "test.h"

static struct str frame(const struct profile *profile, size_t sample, size_t depth)
{
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[sample]);
	const struct profile_location *location =
		&profile->locations[stack.locations[depth]];
	const struct profile_line *line = &profile->lines[location->first_line];

	return profile_string(profile, profile->functions[line->function].name);
}

TEST(folded_input_reads_outermost_first)
{
	struct str text = STR("# comment\nmain;a;b 10\r\n\nmain;x y;a 2.6\nmain 0");
	struct profile *profile;
	struct error err;

	CHECK(folded_input_is_likely(text));
	CHECK(folded_input_decode(text, &profile, &err));
	CHECK_INT(profile->sample_count, 3);
	CHECK_STR(frame(profile, 0, 0), "b");
	CHECK_STR(frame(profile, 0, 2), "main");
	CHECK_INT(profile_values(profile, 0)[0], 10);
	CHECK_STR(frame(profile, 1, 1), "x y");
	CHECK_INT(profile_values(profile, 1)[0], 3);
	CHECK_INT(profile->function_count, 4);
	profile_destroy(profile);
}

TEST(folded_input_names_the_bad_line)
{
	struct profile *profile;
	struct error err;

	CHECK(!folded_input_decode(STR("a;b 1\na;b\n"), &profile, &err));
	CHECK_STR(str_from(err.text), "line 2 does not end with a count");
}

TEST(folded_input_takes_no_other_text)
{
	CHECK(!folded_input_is_likely(STR("")));
	CHECK(!folded_input_is_likely(STR("Dear; reader\n")));
	CHECK(!folded_input_is_likely(STR("page 1\npage 2\n")));
	CHECK(!folded_input_is_likely(STR("a;\0b 1\n")));
	CHECK(!folded_input_is_likely(STR("a;b 99999999999999999999\n")));
}
