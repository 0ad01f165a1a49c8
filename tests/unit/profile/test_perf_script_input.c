// perf script: headings with and without periods, names with blanks, inlined frames.
#include "base/error.h"
#include "profile/input.h"
#include "profile/profile.h"
#include "test.h"

static struct profile *decode(struct str bytes)
{
	struct profile *profile = NULL;
	struct error err;

	if (!input_decode(bytes, &profile, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return profile;
}

static const struct profile_location *frame(const struct profile *profile, size_t sample,
					    size_t depth)
{
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[sample]);

	CHECK(depth < stack.count);
	return &profile->locations[stack.locations[depth]];
}

static struct str name(const struct profile *profile, uint32_t line)
{
	return profile_string(profile,
			      profile->functions[profile->lines[line].function].name);
}

TEST(perf_script_input_reads_samples)
{
	struct profile *profile = decode(
		STR("# captured on: today\n"
		    "my prog   991/992  [003]  7089.043134:    1001001 cpu-clock:ppp: \n"
		    "\tffffffff815dfdba set_ptes.isra.0+0x6a ([kernel.kallsyms])\n"
		    "  file.c:12\n"
		    "\t     4011 inner (inlined)\n"
		    "\t     4011 f(int, char (*)(void))+0x1d (/bin/my prog (deleted))\n"
		    "\t        0 [unknown] ([unknown])\n\n"
		    "swapper     0 7090.1: 5 cycles:u:  4020 g+0x1 (/bin/x)\n"));
	const struct profile_location *location = frame(profile, 0, 1);

	CHECK_INT(profile->sample_count, 2);
	CHECK_INT(profile->type_count, 3);
	CHECK_STR(profile_string(profile, profile->types[1].type), "cpu-clock");
	CHECK_STR(profile_string(profile, profile->types[1].unit), "nanoseconds");
	CHECK_STR(profile_string(profile, profile->types[2].type), "cycles");
	CHECK_INT(profile_values(profile, 0)[1], 1001001);
	CHECK_INT(profile_values(profile, 0)[2], 0);
	CHECK_INT(profile_values(profile, 1)[2], 5);
	CHECK_STR(name(profile, frame(profile, 0, 0)->first_line), "set_ptes.isra.0");
	CHECK_INT(location->line_count, 2);
	CHECK_STR(name(profile, location->first_line), "inner");
	CHECK_STR(name(profile, location->first_line + 1), "f(int, char (*)(void))");
	CHECK_STR(profile_string(profile, profile->mappings[location->mapping].file),
		  "/bin/my prog");
	CHECK_INT(frame(profile, 0, 2)->line_count, 0);
	CHECK_STR(name(profile, frame(profile, 1, 0)->first_line), "g");
	CHECK_STR(profile_string(profile,
				 profile_labels(profile, profile->sample_labels[0])
					 .labels[0]
					 .string),
		  "my prog");
	profile_destroy(profile);
}
