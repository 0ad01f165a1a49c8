// Tests of reading the release of Go out of its own words.
#include "golang/version.h"

#include "test.h"

static struct go_version parsed(const char *text)
{
	struct go_version version = { 0 };

	CHECK(go_version_parse(str_from(text), &version));
	return version;
}

TEST(version_reads_releases)
{
	CHECK_INT(parsed("go1.24.6").minor, 24);
	CHECK_INT(parsed("go1.24.6").patch, 6);
	CHECK_INT(parsed("go1.20").patch, 0);
	CHECK_INT(parsed("go1.22.7 (Red Hat 1.22.7-1.el9)").patch, 7);
	CHECK(!parsed("go1.24.6").is_prerelease);
	CHECK(!parsed("go1.24.6").has_experiment);
}

TEST(version_knows_what_is_no_release)
{
	CHECK(parsed("go1.27rc1").is_prerelease);
	CHECK(parsed("go1.26beta2").is_prerelease);
	CHECK(parsed("devel go1.27-1234567 Mon Nov 1").is_prerelease);
	CHECK(parsed("go1.26-devel_1234567").is_prerelease);
}

TEST(version_tells_experiments_apart)
{
	CHECK(parsed("go1.26.7 X:nogreenteagc").has_experiment);
	CHECK(parsed("go1.26.7 X:jsonv2,nogreenteagc").has_experiment);
	CHECK(!parsed("go1.24.1 X:boringcrypto").has_experiment);
	CHECK(!parsed("go1.25.1 X:jsonv2,rangefunc").has_experiment);
}

TEST(version_refuses_the_rest)
{
	struct go_version version;

	CHECK(!go_version_parse(STR(""), &version));
	CHECK(!go_version_parse(STR("go2.1"), &version));
	CHECK(!go_version_parse(STR("go1."), &version));
	CHECK(!go_version_parse(STR("go1.24."), &version));
	CHECK(!go_version_parse(STR("go1.99999999999999999999"), &version));
	CHECK(!go_version_parse(STR("devel +b0532a96a8"), &version));
}

TEST(version_compares_by_number)
{
	CHECK(go_version_compare(parsed("go1.9.9"), parsed("go1.10")) < 0);
	CHECK(go_version_compare(parsed("go1.24.10"), parsed("go1.24.9")) > 0);
	CHECK_INT(go_version_compare(parsed("go1.24"), parsed("go1.24.0")), 0);
	CHECK(go_version_at_least(parsed("go1.23.4"), 23, 4));
	CHECK(!go_version_at_least(parsed("go1.23.3"), 23, 4));
}
