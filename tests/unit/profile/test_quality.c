// The quality sentence and its way back.
#include "profile/profile.h"
#include "profile/quality.h"
#include "test.h"

TEST(quality_text_is_parsed_back)
{
	struct profile *profile = profile_create();
	struct profile_quality quality = { true, 1234, 5, 6, 100 };

	profile->quality = quality;
	CHECK_STR(profile_quality_text(profile, &profile->arena),
		  "goprof: 1234 samples at 100 Hz, 5 lost, 6 stacks truncated");
	profile_add_comment(profile, STR("goprof: none"));
	profile_add_comment(profile, profile_quality_text(profile, &profile->arena));
	profile->quality = (struct profile_quality){ 0 };
	profile_quality_parse(profile);
	CHECK(memcmp(&profile->quality, &quality, sizeof(quality)) == 0);
	profile_destroy(profile);
}

TEST(quality_without_a_rate)
{
	struct profile *profile = profile_create();

	profile->quality = (struct profile_quality){ true, 7, 0, 1, 0 };
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
		"goprof: 12 samples", "goprof: x samples, 0 lost, 0 stacks truncated",
		"goprof: 99999999999999999999 samples, 0 lost, 0 stacks truncated",
		"goprof: 1 samples at 2 Hz, 0 lost, 0 stacks truncated!", ""
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct profile *profile = profile_create();

		profile_add_comment(profile, str_from(others[i]));
		profile_quality_parse(profile);
		CHECK(!profile->quality.is_known);
		profile_destroy(profile);
	}
}
