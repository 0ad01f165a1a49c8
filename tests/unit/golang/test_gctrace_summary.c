// Sums of collections whose totals are plain to see.
#include "golang/gctrace_summary.h"

#include "test.h"

static const struct gctrace_setting setting = { .gc_percent = 100,
						.memory_limit = INT64_MAX };

// 10 ms of processor time, 100 MB live, 200 MB goal.
static struct gctrace_cycle cycle_of(uint64_t pause_ns)
{
	return (struct gctrace_cycle){
		.is_complete = true,
		.pause_ns = pause_ns,
		.cpu_ns = { 1000000, 2000000, 6000000, 5000000, 1000000 },
		.heap_bytes = { 190 << 20, 195 << 20, 100 << 20 },
		.goal_bytes = 200 << 20,
		.processors = 4,
	};
}

TEST(gctrace_summary_of_a_hundred)
{
	struct gctrace_sums sums = { 0 };
	struct gctrace_summary summary;

	for (uint64_t i = 100; i > 0; i--) {
		struct gctrace_cycle cycle = cycle_of(i * 1000);

		gctrace_summary_add(&sums, &cycle);
	}
	gctrace_summary_make(&sums, 10, setting, &summary);
	CHECK_INT(summary.count, 100);
	CHECK_INT(summary.pause_min_ns, 1000);
	CHECK_INT(summary.pause_median_ns, 50000);
	CHECK_INT(summary.pause_90_ns, 90000);
	CHECK_INT(summary.pause_99_ns, 99000);
	CHECK_INT(summary.pause_max_ns, 100000);
	CHECK_INT(summary.per_second, 10);
	// 100 times 10 ms of 10 s of four processors.
	CHECK_INT(summary.cpu_share * 100000 + 0.5, 2500);
	CHECK_INT(summary.idle_cpu_share * 100000 + 0.5, 1250);
	// Four times the room: a quarter of the collections.
	CHECK_INT(summary.estimate_count, GCTRACE_ESTIMATES);
	CHECK_INT(summary.estimates[3].gc_percent, 400);
	CHECK_INT(summary.estimates[3].per_second * 1000 + 0.5, 2500);
	CHECK_INT(summary.estimates[3].goal_bytes, 500 << 20);
	gctrace_summary_deinit(&sums);
}

TEST(gctrace_summary_respects_the_limit)
{
	struct gctrace_setting limited = { .gc_percent = 100, .memory_limit = 200 << 20 };
	struct gctrace_cycle cycle = cycle_of(1000);
	struct gctrace_sums sums = { 0 };
	struct gctrace_summary summary;

	gctrace_summary_add(&sums, &cycle);
	gctrace_summary_make(&sums, 1, limited, &summary);
	CHECK_INT(summary.estimates[4].goal_bytes, 200 << 20);
	CHECK_INT(summary.estimates[4].per_second * 1000 + 0.5, 1000);
	gctrace_summary_deinit(&sums);
}

TEST(gctrace_summary_estimates_nothing_from_nothing)
{
	struct gctrace_cycle missed = { .number = 3, .pause_ns = 7 };
	struct gctrace_sums sums = { 0 };
	struct gctrace_summary summary;

	gctrace_summary_make(&sums, 1, setting, &summary);
	CHECK_INT(summary.count, 0);
	gctrace_summary_add(&sums, &missed);
	gctrace_summary_make(&sums, 1, setting, &summary);
	CHECK_INT(summary.pause_max_ns, 7);
	CHECK_INT(summary.complete, 0);
	CHECK_INT(summary.estimate_count, 0);
	gctrace_summary_deinit(&sums);
}
