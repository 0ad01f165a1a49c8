// Periods that samples stand for.
#include "source/overrun.h"

#include "test.h"

TEST(overrun_follows_the_count)
{
	struct overrun overrun = { .period = 1000 };

	// The timer is a little late each time, which adds up.
	CHECK_INT(overrun_take(&overrun, 1, 1002), 1000);
	CHECK_INT(overrun_take(&overrun, 1, 2300), 1000);
	CHECK_INT(overrun_take(&overrun, 1, 3501), 2000);
	CHECK_INT(overrun_take(&overrun, 1, 4499), 1000); // early: no less than a period
	CHECK_INT(overrun_take(&overrun, 1, 5600), 1000);
	// The CPU stood still.
	CHECK_INT(overrun_take(&overrun, 1, 56400), 50000);
	CHECK_INT(overrun_take(&overrun, 1, 57000), 1000);
	overrun_deinit(&overrun);
}

TEST(overrun_keeps_streams_apart)
{
	struct overrun overrun = { .period = 1000 };

	CHECK_INT(overrun_take(&overrun, 1, 9000), 9000);
	CHECK_INT(overrun_take(&overrun, 2, 1000), 1000);
	CHECK_INT(overrun_take(&overrun, 1, 10000), 1000);
	overrun_deinit(&overrun);
}

TEST(overrun_leaves_out_what_was_lost)
{
	struct overrun overrun = { .period = 1000 };

	CHECK_INT(overrun_take(&overrun, 1, 1000), 1000);
	overrun_note_gap(&overrun);
	CHECK_INT(overrun_take(&overrun, 1, 90000), 1000);
	CHECK_INT(overrun_take(&overrun, 1, 93000), 3000);
	CHECK_INT(overrun_take(&overrun, 2, 40000), 1000); // began in the gap
	overrun_deinit(&overrun);
}

TEST(overrun_with_a_count_that_goes_back)
{
	struct overrun overrun = { .period = 1000 };

	CHECK_INT(overrun_take(&overrun, 1, 5000), 5000);
	CHECK_INT(overrun_take(&overrun, 1, 10), 1000);
	CHECK_INT(overrun_take(&overrun, 1, UINT64_MAX) > 0, 1);
	overrun_deinit(&overrun);
}
