// The quality sentence and its way back.
#include "profile/profile.h"
#include "profile/quality.h"
#include "test.h"

TEST(quality_text_is_parsed_back)
{
	struct profile *profile = profile_create();
	struct profile_quality quality = {
		.is_known = true,
		.samples = 1234,
		.lost = 5,
		.truncated = 6,
		.rate_hz = 100,
		.cpu_ns = 12365999999,
		.unsampled_ns = 25000000,
		.frames = 900,
		.unnamed = 8,
	};

	profile->quality = quality;
	CHECK_STR(profile_quality_text(profile, &profile->arena),
		  "goprof: 1234 samples at 100 Hz, 5 lost, 6 stacks truncated, "
		  "25 of 12365 ms CPU time without samples, "
		  "8 of 900 frames without names");
	profile_add_comment(profile, STR("goprof: none"));
	profile_add_comment(profile, profile_quality_text(profile, &profile->arena));
	profile->quality = (struct profile_quality){ 0 };
	profile_quality_parse(profile);
	CHECK(profile->quality.is_known);
	CHECK_INT(profile->quality.samples, 1234);
	CHECK_INT(profile->quality.rate_hz, 100);
	CHECK_INT(profile->quality.lost, 5);
	CHECK_INT(profile->quality.truncated, 6);
	CHECK_INT(profile->quality.cpu_ns, 12365000000);
	CHECK_INT(profile->quality.unsampled_ns, 25000000);
	CHECK_INT(profile->quality.frames, 900);
	CHECK_INT(profile->quality.unnamed, 8);
	profile_destroy(profile);
}

TEST(quality_without_a_rate)
{
	struct profile *profile = profile_create();

	profile->quality = (struct profile_quality){ .is_known = true,
						     .samples = 7,
						     .truncated = 1 };
	CHECK_STR(profile_quality_text(profile, &profile->arena),
		  "goprof: 7 samples, 0 lost, 1 stacks truncated");
	profile_add_comment(profile, profile_quality_text(profile, &profile->arena));
	profile->quality = (struct profile_quality){ 0 };
	profile_quality_parse(profile);
	CHECK_INT(profile->quality.samples, 7);
	CHECK_INT(profile->quality.truncated, 1);
	profile_destroy(profile);
}

TEST(quality_ignores_other_comments)
{
	static const char *const others[] = {
		"goprof: 12 samples",
		"goprof: x samples, 0 lost, 0 stacks truncated",
		"goprof: 99999999999999999999 samples, 0 lost, 0 stacks truncated",
		"goprof: 1 samples at 2 Hz, 0 lost, 0 stacks truncated!",
		"goprof: 1 samples, 0 lost, 0 stacks truncated, 1 of frames",
		"goprof: 1 samples, 0 lost, 0 stacks truncated, 2 of 1 ms CPU time "
		"without "
		"samples",
		"goprof: 1 samples, 0 lost, 0 stacks truncated, 1 of 20000000000000 ms "
		"CPU time "
		"without samples",
		""
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct profile *profile = profile_create();

		profile_add_comment(profile, str_from(others[i]));
		profile_quality_parse(profile);
		CHECK(!profile->quality.is_known);
		profile_destroy(profile);
	}
}
