// Lines that Go 1.19 and 1.26 printed themselves, and the numbers behind them.
#include "golang/scheddetail_text.h"

#include "base/writer.h"
#include "golang/scheddetail.h"
#include "golang/schedtrace.h"
#include "test.h"

static const struct schedtrace_processor processor = {
	.m = 0xc000080000,
	.status = 1,
	.syscall_tick = 5,
	.free_goroutines = 2,
	.timers = 3,
};

static int64_t processor_threads[] = { 4 };

static struct scheddetail_thread threads[] = {
	{ .id = 4,
	  .processor = 0,
	  .current_goroutine = 19,
	  .locked_goroutine = 19,
	  .locks = 2,
	  .is_spinning = true,
	  .preempt_off = { "gcing", 5 } },
	{ .id = 0,
	  .processor = SCHEDDETAIL_NONE,
	  .current_goroutine = SCHEDDETAIL_NONE,
	  .locked_goroutine = SCHEDDETAIL_NONE,
	  .is_blocked = true,
	  .preempt_off = { "", 0 } },
};

static struct scheddetail_goroutine goroutines[] = {
	{ 19, 4, 4, 0x1002, { "chan receive", 12 } },
	{ 20, SCHEDDETAIL_NONE, SCHEDDETAIL_NONE, 6, { "", 0 } },
};

static const struct scheddetail detail = {
	.processor_threads = processor_threads,
	.threads = threads,
	.thread_count = 2,
	.goroutines = goroutines,
	.goroutine_count = 2,
};

static struct schedtrace_line line_of(int minor)
{
	return (struct schedtrace_line){
		.elapsed_ns = 1510999999,
		.minor = minor,
		.gomaxprocs = 1,
		.threads = 2,
		.gc_waiting = 1,
		.idle_locked_threads = 2,
		.processor_count = 1,
		.queues = { 7 },
		.ticks = { 9 },
		.processors = &processor,
	};
}

TEST(scheddetail_text_says_nil_as_go_does)
{
	struct schedtrace_line line = line_of(26);
	struct writer w = writer_to_memory();

	scheddetail_text_lines(&line, &detail, &w);
	CHECK_STR(
		writer_contents(&w),
		"SCHED 1510ms: gomaxprocs=1 idleprocs=0 threads=2 spinningthreads=0 "
		"needspinning=0 idlethreads=0 runqueue=0 gcwaiting=true nmidlelocked=2 "
		"stopwait=0 sysmonwait=false\n"
		"  P0: status=1 schedtick=9 syscalltick=5 m=4 runqsize=7 gfreecnt=2 "
		"timerslen=3\n"
		"  M4: p=0 curg=19 mallocing=0 throwing=0 preemptoff=gcing locks=2 "
		"dying=0 spinning=true blocked=false lockedg=19\n"
		"  M0: p=nil curg=nil mallocing=0 throwing=0 preemptoff= locks=0 dying=0 "
		"spinning=false blocked=true lockedg=nil\n"
		"  G19: status=4098(chan receive) m=4 lockedm=4\n"
		"  G20: status=6() m=nil lockedm=nil\n");
	writer_deinit(&w);
}

static struct scheddetail last_of_each(void)
{
	struct scheddetail last = detail;

	last.threads = threads + 1;
	last.goroutines = goroutines + 1;
	last.thread_count = last.goroutine_count = 1;
	return last;
}

TEST(scheddetail_text_has_numbers_before_1_20)
{
	struct schedtrace_line line = line_of(19);
	struct scheddetail last = last_of_each();
	struct writer w = writer_to_memory();

	scheddetail_text_lines(&line, &last, &w);
	CHECK_STR(writer_contents(&w),
		  "SCHED 1510ms: gomaxprocs=1 idleprocs=0 threads=2 spinningthreads=0 "
		  "idlethreads=0 runqueue=0 gcwaiting=1 nmidlelocked=2 stopwait=0 "
		  "sysmonwait=0\n"
		  "  P0: status=1 schedtick=9 syscalltick=5 m=4 runqsize=7 gfreecnt=2 "
		  "timerslen=3\n"
		  "  M0: p=-1 curg=-1 mallocing=0 throwing=0 preemptoff= locks=0 dying=0 "
		  "spinning=false blocked=true lockedg=-1\n"
		  "  G20: status=6() m=-1 lockedm=-1\n");
	writer_deinit(&w);
}

TEST(scheddetail_text_json_has_null_for_none)
{
	struct schedtrace_line line = line_of(26);
	struct scheddetail last = last_of_each();
	struct writer w = writer_to_memory();

	scheddetail_text_json(&line, &last, &w);
	CHECK_STR(
		writer_contents(&w),
		"{\"elapsed_ns\":1510999999,\"gomaxprocs\":1,\"idle_processors\":0,"
		"\"threads\":2,\"spinning_threads\":0,\"idle_threads\":0,\"run_queue\":0,"
		"\"queues\":[7],\"ticks\":[9],\"gcwaiting\":true,\"nmidlelocked\":2,"
		"\"stopwait\":0,\"sysmonwait\":false,"
		"\"p\":[{\"id\":0,\"status\":1,\"schedtick\":9,\"syscalltick\":5,\"m\":4,"
		"\"runqsize\":7,\"gfreecnt\":2,\"timerslen\":3}],"
		"\"m\":[{\"id\":0,\"p\":null,\"curg\":null,\"mallocing\":0,\"throwing\":"
		"0,"
		"\"preemptoff\":\"\",\"locks\":0,\"dying\":0,\"spinning\":false,"
		"\"blocked\":true,\"lockedg\":null}],"
		"\"g\":[{\"id\":20,\"status\":6,\"waitreason\":\"\",\"m\":null,"
		"\"lockedm\":null}]}\n");
	writer_deinit(&w);
}
