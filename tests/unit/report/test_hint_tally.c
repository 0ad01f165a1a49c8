// Shares, intervals and callers.
#include "report/hint_tally.h"

#include "test.h"

TEST(interval_of_wilson)
{
	// The interval of 53 in 192 is 0.218 to 0.343.
	struct hint_interval interval = hint_interval_of(53.0 / 192, 192);

	CHECK_INT((int)(interval.low * 1000), 217);
	CHECK_INT((int)(interval.high * 1000), 343);
	interval = hint_interval_of(1, 10);
	CHECK(interval.high > 0.9999);
	CHECK_INT((int)(interval.low * 100), 72);
}

TEST(equal_samples_are_all_effective)
{
	struct hint_tally tally = { 0 };

	for (int i = 0; i < 10; i++)
		hint_tally_add(&tally, (struct hint_amount){ .value = 30, .events = 3 });
	CHECK_INT((int)(hint_tally_effective(&tally) + 0.5), 30);
	hint_tally_add(&tally, (struct hint_amount){ .value = 10000, .events = 1 });
	CHECK_INT((int)(hint_tally_effective(&tally) + 0.5), 1);
	hint_tally_deinit(&tally);
}

TEST(callers_are_sorted_by_value)
{
	struct hint_tally tally = { 0 };
	struct hint_caller one = { .function = 1, .stack = 10 };
	struct hint_caller two = { .function = 2, .stack = 20 };

	hint_tally_blame(&tally, &one, (struct hint_amount){ .value = 5 });
	hint_tally_blame(&tally, &two, (struct hint_amount){ .value = 7 });
	one.stack = 11;
	hint_tally_blame(&tally, &one, (struct hint_amount){ .value = 6 });
	hint_tally_sort(&tally);
	CHECK_INT(tally.caller_count, 2);
	CHECK_INT(tally.callers[0].function, 1);
	CHECK_INT(tally.callers[0].value, 11);
	CHECK_INT(tally.callers[0].stack, 11);
	hint_tally_deinit(&tally);
}
