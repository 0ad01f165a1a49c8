// Dumps of goroutines: states as labels, frames with places, what stands for others.
#include "base/error.h"
#include "profile/input.h"
#include "profile/profile.h"
#include "test.h"

static const struct profile_line *line_at(const struct profile *profile, size_t sample,
					  size_t depth)
{
	struct profile_stack_view stack =
		profile_stack(profile, profile->sample_stacks[sample]);

	CHECK(depth < stack.count);
	return &profile->lines[profile->locations[stack.locations[depth]].first_line];
}

static struct str name(const struct profile *profile, size_t sample, size_t depth)
{
	uint32_t function = line_at(profile, sample, depth)->function;

	return profile_string(profile, profile->functions[function].name);
}

// The string label with that key, or "".
static struct str label(const struct profile *profile, size_t sample, const char *key)
{
	struct profile_labels_view view =
		profile_labels(profile, profile->sample_labels[sample]);

	for (size_t i = 0; i < view.count; i++) {
		if (str_equal(profile_string(profile, view.labels[i].key), str_from(key)))
			return profile_string(profile, view.labels[i].string);
	}
	return STR("");
}

TEST(goroutine_input_folds_equal_goroutines)
{
	static const struct str text =
		STR("panic: oops\n\n"
		    "goroutine 1 gp=0xc0 m=0 mp=0x5f [running]:\n"
		    "main.(*T).run[...](0x1, {0x2, 0x3})\n\t/src/a b.go:12 +0x1d fp=0x1\n"
		    "...23 frames elided...\n"
		    "main.main()\n\t/src/a.go:5 +0x1\n\n"
		    "goroutine 7 [chan receive, 5 minutes, locked to thread "
		    "labels:{\"k\": \"a, b\"}]:\n"
		    "main.f(...)\n\t/src/a.go:7\n"
		    "created by main.main in goroutine 1\n\t/src/a.go:9 +0x2\n\n"
		    "goroutine 8 [select]:\nmain.f(...)\n\t/src/a.go:7\n\n"
		    "goroutine 9 [select]:\nmain.f(...)\n\t/src/a.go:7\n\n"
		    "goroutine 10 [running]:\n"
		    "\tgoroutine running on other thread; stack unavailable\n\n"
		    "rax    0x0\n(exit)\n");
	struct profile *profile;
	struct error err;

	CHECK(input_decode(text, &profile, &err));
	CHECK_INT(profile->sample_count, 4);
	CHECK_STR(name(profile, 0, 0), "main.(*T).run[...]");
	CHECK_INT(line_at(profile, 0, 0)->line, 12);
	CHECK_STR(name(profile, 0, 1), "[frames elided]");
	CHECK_STR(label(profile, 0, "state"), "running");
	CHECK_STR(label(profile, 1, "state"), "chan receive");
	CHECK_STR(label(profile, 1, "locked"), "to thread");
	CHECK_STR(label(profile, 1, "k"), "a, b");
	CHECK_STR(label(profile, 1, "created by"), "main.main");
	CHECK_INT(profile_values(profile, 2)[0], 2);
	CHECK_STR(name(profile, 3, 0), "[stack unavailable]");
	profile_destroy(profile);
}
