// Values and percentages in words.
#include "report/measure.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "test.h"

TEST(measure_label_chooses_a_unit)
{
	CLEANUP_ARENA struct arena a = { 0 };

	CHECK_STR(measure_label(&a, 1536, STR("bytes"), STR("auto")), "1.50kB");
	CHECK_STR(measure_label(&a, 10000000, STR("nanoseconds"), STR("auto")), "10ms");
	CHECK_STR(measure_label(&a, -2048, STR("bytes"), STR("auto")), "-2kB");
	CHECK_STR(measure_label(&a, 3600000000000, STR("ns"), STR("minimum")), "1hrs");
}

TEST(measure_label_without_family)
{
	CLEANUP_ARENA struct arena a = { 0 };

	CHECK_STR(measure_label(&a, 12, STR("count"), STR("minimum")), "12");
	CHECK_STR(measure_label(&a, 12, STR("widgets"), STR("crates")), "12crates");
}

TEST(measure_label_of_nothing)
{
	CLEANUP_ARENA struct arena a = { 0 };

	CHECK_STR(measure_label(&a, 0, STR("bytes"), STR("MB")), "0");
	CHECK_STR(measure_label(&a, 1, STR("bytes"), STR("GB")), "0");
	CHECK_STR(measure_label(&a, -1, STR("bytes"), STR("GB")), "0");
}

TEST(measure_percentage_has_two_digits)
{
	CHECK_STR(str_from(measure_percentage(1, 3).text), "33.33%");
	CHECK_STR(str_from(measure_percentage(94, 10000).text), " 0.94%");
	CHECK_STR(str_from(measure_percentage(1, 1234567).text), "8.1e-05%");
	CHECK_STR(str_from(measure_percentage(99950, 100000).text), "  100%");
	CHECK_STR(str_from(measure_percentage(-1, 4).text), "25.00%");
	CHECK_STR(str_from(measure_percentage(5, 0).text), "    0%");
}

TEST(measure_trim_drops_blanks)
{
	struct measure_percent percent = measure_percentage(0, 1);

	CHECK_STR(str_from(measure_trim(&percent)), "0%");
}
