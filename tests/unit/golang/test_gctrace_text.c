// Lines that Go 1.26 printed itself, and the numbers behind them.
#include "golang/gctrace_text.h"

#include "base/writer.h"
#include "golang/gctrace.h"
#include "test.h"

static const struct gctrace_cycle cycle = {
	.number = 45,
	.is_complete = true,
	.is_forced = true,
	.pause_ns = 214999,
	.start_ns = 1105999999,
	.clock_ns = { 210999, 6799999, 4999 },
	.cpu_ns = { 429999, 0, 1199999, 16999999, 999 },
	.heap_bytes = { 12 << 20, (13 << 20) - 1, 8 << 20 },
	.goal_bytes = 24 << 20,
	.stack_bytes = 1 << 20,
	.global_bytes = 1000,
	.processors = 2,
	.cpu_fraction = 0.0299,
};

TEST(gctrace_text_cuts_numbers_as_go_does)
{
	struct writer w = writer_to_memory();

	gctrace_text_line(&cycle, &w);
	CHECK_STR(writer_contents(&w),
		  "gc 45 @1.105s 2%: 0.21+6.7+0.004 ms clock, 0.42+0/1.1/16+0 ms cpu, "
		  "12->12->8 MB, 24 MB goal, 1 MB stacks, 0 MB globals, 2 P (forced)\n");
	writer_deinit(&w);
}

TEST(gctrace_text_says_leak_checks)
{
	struct gctrace_cycle leaks = cycle;
	struct writer w = writer_to_memory();

	leaks.checks_leaks = true;
	leaks.is_forced = false;
	gctrace_text_line(&leaks, &w);
	CHECK_STR(writer_contents(&w),
		  "gc 45 @1.105s 2% (checking for goroutine leaks): 0.21+6.7+0.004 ms "
		  "clock, 0.42+0/1.1/16+0 ms cpu, 12->12->8 MB, 24 MB goal, 1 MB stacks, "
		  "0 MB globals, 2 P\n");
	writer_deinit(&w);
}

TEST(gctrace_text_says_what_was_missed)
{
	struct gctrace_cycle missed = { .number = 46, .pause_ns = 45000 };
	struct writer w = writer_to_memory();

	gctrace_text_line(&missed, &w);
	CHECK_STR(writer_contents(&w),
		  "gc 46 (missed: the next one began; 0.045 ms stopped)\n");
	writer_deinit(&w);
}
