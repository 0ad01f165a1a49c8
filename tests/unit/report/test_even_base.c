// The base of a difference, scaled to what the other profile has.
#include "../profile/sketch.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "profile/merge.h"
#include "profile/profile.h"
#include "report/even_base.h"
#include "test.h"

static struct profile *difference(const char *after, const char *before)
{
	struct profile *profile = sketch_make(after);
	struct error err;

	if (!merge_base_take(&profile, sketch_make(before),
			     &(struct merge_base_options){ .is_diff = true }, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return profile;
}

static void check_even(struct profile *profile, const char *expected)
{
	CLEANUP_ARENA struct arena arena = { 0 };

	even_base_apply(profile);
	CHECK_STR(sketch_text(profile, &arena), expected);
	profile_destroy(profile);
}

TEST(even_base_weighs_as_much_as_the_other)
{
	check_even(difference("m;a 10\nm;b 5\n", "m;a 20\nm;c 10\n"),
		   "m;a 10\nm;b 5\nm;a -10 pprof::base=true\nm;c -5 pprof::base=true\n");
}

TEST(even_base_twice_is_as_once)
{
	struct profile *profile = difference("m;a 8\n", "m;b 2\n");

	even_base_apply(profile);
	check_even(profile, "m;a 8\nm;b -8 pprof::base=true\n");
}

TEST(even_base_leaves_what_has_no_base)
{
	check_even(sketch_make("m;a 10\nm;b 5\n"), "m;a 10\nm;b 5\n");
}
