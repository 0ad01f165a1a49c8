// Lines of a scheduler trace from samples made by hand, and a sample of this process.
#include "target/schedule.h"

#include <unistd.h>

#include "base/duration.h"
#include "base/error.h"
#include "target/system_call.h"
#include "test.h"

TEST(schedule_counts_queues_and_growth)
{
	struct schedule_thread first[] = {
		{ .id = 1, .state = 'S', .run_ns = 100, .slices = 5, .voluntary = 4 },
		{ .id = 2, .state = 'R', .run_ns = 1000, .delay_ns = 50 },
	};
	struct schedule_thread second[] = {
		{ .id = 1, .state = 'S', .run_ns = 150, .slices = 7, .voluntary = 6 },
		{ .id = 2,
		  .state = 'R',
		  .processor = 1,
		  .run_ns = 1500,
		  .delay_ns = 150 },
		{ .id = 3, .state = 'R', .processor = 1, .run_ns = 200, .forced = 3 },
		{ .id = 4, .state = 'R', .processor = 3, .delay_ns = 900 },
		{ .id = 5, .state = 'D' },
	};
	struct schedule_sample before = { .threads = first, .count = 2, .time_ns = 1000 };
	struct schedule_sample after = { .threads = second, .count = 5, .time_ns = 2000 };
	struct schedule_bounds bounds = { .processors = 4, .highest = 3 };
	struct schedule_line line;

	schedule_compare(&bounds, &before, &after, &line);
	CHECK_INT(line.threads, 5);
	CHECK_INT(line.running, 2);
	CHECK_INT(line.runnable, 1);
	CHECK_INT(line.blocked, 2);
	CHECK_INT(line.idle_processors, 2);
	CHECK_INT(line.queue_count, 4);
	CHECK_INT(line.queues[1], 1);
	CHECK_INT(line.queues[3], 0);
	CHECK_INT(line.run_ns, 50 + 500 + 200);
	CHECK_INT(line.delay_ns, 100 + 900);
	CHECK_INT(line.slices, 2);
	CHECK_INT(line.voluntary, 2);
	CHECK_INT(line.forced, 3);
	CHECK_INT(line.average_runnable * 1000, 1000);
}

TEST(schedule_reads_this_process)
{
	struct schedule_sample sample = { 0 };
	struct schedule_bounds bounds;
	struct error err;

	CHECK(schedule_read_bounds(getpid(), &bounds, &err));
	CHECK(bounds.processors >= 1 && bounds.highest >= bounds.processors - 1);
	CHECK(schedule_read(getpid(), SCHEDULE_WAITS, &sample, &err));
	CHECK(schedule_find(&sample, getpid()) != NULL);
	CHECK_INT(schedule_find(&sample, getpid())->state, 'R');
	CHECK(schedule_find(&sample, 1) == NULL || getpid() == 1);
	schedule_sample_deinit(&sample);
	CHECK(!schedule_read(INT32_MAX, SCHEDULE_TIMES, &sample, &err));
	schedule_sample_deinit(&sample);
}

TEST(system_calls_have_names)
{
	char name[32];

	system_call_name(202, name, sizeof(name));
	CHECK_STR(str_from(name), "futex");
	system_call_name(9999, name, sizeof(name));
	CHECK_STR(str_from(name), "syscall 9999");
	system_call_name(-1, name, sizeof(name));
	CHECK_STR(str_from(name), "");
}

TEST(durations_are_read)
{
	int64_t ns;

	CHECK(duration_parse(STR("1m30s"), &ns) && ns == 90000000000);
	CHECK(duration_parse(STR("250ms"), &ns) && ns == 250000000);
	CHECK(!duration_parse(STR("5"), &ns));
	CHECK(!duration_parse(STR("s"), &ns));
	CHECK(!duration_parse(STR(""), &ns));
}
