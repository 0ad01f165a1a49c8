// Comparisons of hand-made profiles: what is new, gone, and within chance.
#include "report/change.h"

#include "base/error.h"
#include "profile/merge.h"
#include "profile/profile.h"
#include "report/format.h"
#include "report/options.h"
#include "report/report.h"
#include "test.h"
#include "tiny_profile.h"

static const struct change *change_of(const struct report *report, const char *name)
{
	for (size_t i = 0; i < report->row_count; i++) {
		if (str_equal(report->rows[i].label, str_from(name)))
			return &report->changes[i];
	}
	return NULL;
}

static struct profile *compared(void)
{
	struct profile *base = tiny_profile_create(), *profile = tiny_profile_create();
	struct merge_base_options options = { .is_diff = true };
	struct error err;

	tiny_profile_add(base, "main steady", 100);
	tiny_profile_add(base, "main gone", 50);
	tiny_profile_add(base, "main grown grown", 10);
	tiny_profile_add(profile, "main steady", 110);
	tiny_profile_add(profile, "main fresh", 40);
	tiny_profile_add(profile, "main grown grown", 60);
	CHECK(merge_base_take(&profile, base, &options, &err));
	return profile;
}

TEST(change_tells_new_from_gone_and_noise_from_change)
{
	struct profile *profile = compared();
	struct report_options options = report_options_default();
	struct report report;
	struct error err;

	CHECK(report_compute(profile, report_format_find(STR("top")), &options, &report,
			     &err));
	CHECK(report.changes != NULL);
	CHECK_INT(change_of(&report, "fresh")->kind, CHANGE_NEW);
	CHECK_INT(change_of(&report, "gone")->kind, CHANGE_GONE);
	CHECK_INT(change_of(&report, "gone")->before, 50);
	CHECK_INT(change_of(&report, "steady")->kind, CHANGE_BOTH);
	// 10 of 210 samples: less than twice their square root, 29.
	CHECK(change_of(&report, "steady")->is_noise);
	// 50 of 70: more than 17. Recursion counts once.
	CHECK_INT(change_of(&report, "grown")->after, 60);
	CHECK(!change_of(&report, "grown")->is_noise);
	report_deinit(&report);
	profile_destroy(profile);
}

TEST(change_is_for_comparisons_alone)
{
	struct profile *profile = tiny_profile_create();
	struct report_options options = report_options_default();
	struct report report;
	struct error err;

	tiny_profile_add(profile, "main work", 1);
	CHECK(report_compute(profile, report_format_find(STR("top")), &options, &report,
			     &err));
	CHECK(report.changes == NULL);
	report_deinit(&report);
	profile_destroy(profile);
}
