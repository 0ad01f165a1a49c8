// Conversions, automatic choice and spellings of units.
#include "profile/unit.h"
#include "test.h"

static void check(int64_t value, const char *from, const char *to, double expected,
		  const char *unit)
{
	struct unit_value scaled = unit_scale(value, str_from(from), str_from(to));

	CHECK_STR(scaled.unit, unit);
	CHECK(scaled.value >= expected - 1e-9 && scaled.value <= expected + 1e-9);
}

TEST(unit_scale_converts_within_a_family)
{
	check(1500, "milliseconds", "s", 1.5, "s");
	check(2048, "B", "kilobytes", 2, "kB");
	check(3, "kilogcu", "GCU", 3000, "GCU");
	check(-3, "s", "ms", -3000, "ms");
	check(INT64_MIN, "count", "x", (double)INT64_MIN, "x");
}

TEST(unit_scale_chooses_the_largest_whole_unit)
{
	check(1024, "bytes", "auto", 1, "kB");
	check(1023, "bytes", "minimum", 1023, "B");
	check(0, "nanoseconds", "auto", 0, "s");
	check(7200, "s", "auto", 2, "hrs");
	check(-5000, "ns", "auto", -5, "us");
}

TEST(unit_scale_falls_back_outside_families)
{
	check(90, "seconds", "minutes", 90, "s");
	check(5, "count", "auto", 5, "");
	check(5, "count", "widgets", 5, "widgets");
	check(5, "", "", 5, "");
}

TEST(unit_names_have_many_spellings)
{
	CHECK_INT(unit_family_of(STR("NanoSeconds")), UNIT_TIME);
	CHECK_INT(unit_family_of(STR("\u03bcs")), UNIT_TIME);
	CHECK_INT(unit_family_of(STR("hr")), UNIT_TIME);
	CHECK_INT(unit_family_of(STR("MBytes")), UNIT_BYTES);
	CHECK_INT(unit_family_of(STR("gcus")), UNIT_GCU);
	CHECK_INT(unit_family_of(STR("bs")), UNIT_OTHER);
	CHECK_INT(unit_family_of(STR("")), UNIT_OTHER);
	CHECK_INT(unit_family_of(STR("a name that is longer than any unit")), UNIT_OTHER);
	CHECK(unit_is_compatible(STR("ms"), STR("seconds")));
	CHECK(unit_is_compatible(STR("widgets"), STR("widgets")));
	CHECK(!unit_is_compatible(STR("ms"), STR("bytes")));
	CHECK(!unit_is_compatible(STR("count"), STR("widgets")));
}
