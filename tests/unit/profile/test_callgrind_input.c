// Callgrind files: their ways to write less, and stacks composed of calls.
#include "profile/callgrind_input.h"

#include <string.h>

#include "base/error.h"
#include "profile/profile.h"
#include "test.h"

// The value, of one column, of all samples that have the function among their innermost
// `depth_max` frames.
static int64_t sum_of(const struct profile *profile, const char *name, size_t column,
		      size_t depth_max)
{
	int64_t sum = 0;

	for (size_t i = 0; i < profile->sample_count; i++) {
		struct profile_stack_view stack =
			profile_stack(profile, profile->sample_stacks[i]);

		for (size_t at = 0; at < stack.count && at < depth_max; at++) {
			const struct profile_location *location =
				&profile->locations[stack.locations[at]];
			uint32_t function = profile->lines[location->first_line].function;
			uint32_t id = profile->functions[function].name;

			if (!str_equal(profile_string(profile, id), str_from(name)))
				continue;
			sum += profile_values(profile, i)[column];
			break;
		}
	}
	return sum;
}

static int64_t flat_of(const struct profile *profile, const char *name)
{
	return sum_of(profile, name, 0, 1);
}

static int64_t cum_of(const struct profile *profile, const char *name)
{
	return sum_of(profile, name, 0, SIZE_MAX);
}

static struct profile *decode(const char *text)
{
	struct profile *profile = NULL;
	struct error err;

	CHECK(callgrind_input_is_likely(str_from(text)));
	CHECK(callgrind_input_decode(str_from(text), &profile, &err));
	return profile;
}

// The example of callgrind's manual: main calls func1 and func2, func1 calls func2.
static const char manual[] = "# callgrind format\n"
			     "events: Instructions\n"
			     "\n"
			     "fl=(1) file1.c\n"
			     "fn=(1) main\n"
			     "16 20\n"
			     "cfn=(2) func1\n"
			     "calls=1 50\n"
			     "16 400\n"
			     "cfi=(2) file2.c\n"
			     "cfn=(3) func2\n"
			     "calls=3 20\n"
			     "16 400\n"
			     "\n"
			     "fn=(2)\n"
			     "51 100\n"
			     "cfi=(2)\n"
			     "cfn=(3)\n"
			     "calls=2 20\n"
			     "51 300\n"
			     "\n"
			     "fl=(2)\n"
			     "fn=(3)\n"
			     "20 700\n";

TEST(callgrind_input_of_the_manual)
{
	struct profile *profile = decode(manual);

	CHECK_INT(flat_of(profile, "main"), 20);
	CHECK_INT(flat_of(profile, "func1"), 100);
	CHECK_INT(flat_of(profile, "func2"), 700);
	CHECK_INT(cum_of(profile, "main"), 820);
	CHECK_INT(cum_of(profile, "func1"), 400);
	CHECK_INT(cum_of(profile, "func2"), 700);
	CHECK_STR(profile_string(profile, profile->types[0].type), "Instructions");
	CHECK_STR(profile_string(profile, profile->types[0].unit), "count");
	CHECK_INT(profile->comment_count, 1);
	profile_destroy(profile);
}

TEST(callgrind_input_recursion_counts_once)
{
	// fib costs 1000 in all; the calls of itself add up to more.
	struct profile *profile = decode("events: Ir\n"
					 "ob=(1) /bin/x\n"
					 "fl=(1) x.c\n"
					 "fn=(1) main\n"
					 "1 10\n"
					 "cfn=(2) fib\n"
					 "calls=1 5\n"
					 "2 1000\n"
					 "fn=(2)\n"
					 "5 20\n"
					 "cfn=(3) fib'2\n"
					 "calls=2 5\n"
					 "6 980\n"
					 "fn=(3)\n"
					 "5 980\n"
					 "cfn=(3)\n"
					 "calls=90 5\n"
					 "6 4000\n");

	CHECK_INT(flat_of(profile, "fib"), 1000);
	CHECK_INT(cum_of(profile, "fib"), 1000);
	CHECK_INT(cum_of(profile, "main"), 1010);
	CHECK_STR(profile_string(profile, profile->mappings[0].file), "/bin/x");
	profile_destroy(profile);
}

TEST(callgrind_input_parts_positions_and_columns)
{
	struct profile *profile = decode("version: 1\n"
					 "cmd: ./prog -x\n"
					 "part: 1\n"
					 "positions: instr line\n"
					 "events: Ir Dr(bytes)\n"
					 "ob=(1) /lib/other.so\n"
					 "fl=(1) a.c\n"
					 "fn=(1) one\n"
					 "0x1000 10 5 7\n"
					 "+4 +2 5\n"
					 "* * 1 1\n"
					 "part: 2\n"
					 "events: Ir Dr(bytes)\n"
					 "ob=(2) /bin/prog\n"
					 "fn=(2) two\n"
					 "0x2000 4 3\n"
					 "jump=3 0x2010 6\n"
					 "0x2004 5\n"
					 "totals: 14 8\n");

	CHECK_INT(sum_of(profile, "one", 0, 1), 11);
	CHECK_INT(sum_of(profile, "one", 1, 1), 8);
	CHECK_INT(sum_of(profile, "two", 0, 1), 3);
	CHECK_STR(profile_string(profile, profile->types[1].unit), "bytes");
	CHECK_STR(profile_string(profile, profile->mappings[0].file), "/bin/prog");
	CHECK_INT(profile->locations[1].address, 0x1004);
	CHECK_INT(profile->lines[profile->locations[1].first_line].line, 12);
	profile_destroy(profile);
}

TEST(callgrind_input_says_where_it_is_damaged)
{
	static const char *const texts[] = {
		"events: Ir\nfn=f\n12 x\n",
		"events: Ir\nfl=a.c\n12 5\n",
		"events: Ir\nfn=f\ncalls=1 2\n1 2\n",
		"events: Ir\nfn=f\n?\n",
		"events: Ir\nfn=f\n1 9223372036854775807\n1 9223372036854775807\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct profile *profile;
		struct error err;

		CHECK(!callgrind_input_decode(str_from(texts[i]), &profile, &err));
		CHECK(strncmp(err.text, "line ", 5) == 0);
	}
}
