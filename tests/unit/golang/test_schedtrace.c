// The scheduler's structures, built.
#include "golang/schedtrace.h"

#include <stdlib.h>

#include "base/error.h"
#include "golang/layout_table.h"
#include "image.h"
#include "target/core_memory.h"
#include "test.h"

enum { PROCESSORS = 3 };

static uint64_t build(struct image *image, const struct go_layout *l)
{
	uint64_t sched, list, array;

	image_init(image, l);
	sched = image_variable(image, STR("runtime.sched"), (size_t)l->sched.size);
	image_put(image_variable(image, STR("runtime.gomaxprocs"), 8), 0, PROCESSORS, 4);
	list = image_variable(image, STR("runtime.allp"), 24);
	array = image_room(image, sizeof(uint64_t[PROCESSORS]));
	image_put(list, 0, array, 8);
	image_put(list, 8, PROCESSORS, 8);
	image_put(sched, l->sched.npidle, 2, 4);
	image_put(sched, l->sched.mnext, 9, 8);
	image_put(sched, l->sched.nmfreed, 2, 8);
	image_put(sched, l->sched.nmspinning, 1, 4);
	image_put(sched, l->sched.nmidle, 4, 4);
	image_put(sched, l->sched.runq_size, 17, 4);
	for (int i = 0; i < PROCESSORS; i++) {
		uint64_t p = image_room(image, (size_t)l->p.size);

		image_put(array, 8 * i, p, 8);
		// The numbers go round.
		image_put(p, l->p.runqhead, UINT32_MAX - 1, 4);
		image_put(p, l->p.runqtail, (uint32_t)i, 4);
		image_put(p, l->p.schedtick, 100 + (uint32_t)i, 4);
	}
	return list;
}

TEST(schedtrace_reads_every_release)
{
	for (size_t i = 0; i < go_layout_table_count; i++) {
		struct schedtrace_line *line = calloc(1, sizeof(*line));
		struct schedtrace *trace;
		struct image image;
		struct error err;

		build(&image, &go_layout_table[i]);
		CHECK(schedtrace_open(&image.process, SCHEDTRACE_QUEUES, &trace, &err));
		CHECK(schedtrace_read(trace, line));
		CHECK_INT(line->minor, go_layout_table[i].first.minor);
		CHECK_INT(line->gomaxprocs, PROCESSORS);
		CHECK_INT(line->idle_processors, 2);
		CHECK_INT(line->threads, 7);
		CHECK_INT(line->spinning_threads, 1);
		CHECK_INT(line->idle_threads, 4);
		CHECK_INT(line->run_queue, 17);
		CHECK_INT(line->processor_count, PROCESSORS);
		CHECK_INT(line->queues[0], 2);
		CHECK_INT(line->queues[2], 4);
		CHECK_INT(line->ticks[1], 101);
		schedtrace_close(trace);
		image_deinit(&image);
		free(line);
	}
}

TEST(schedtrace_follows_a_new_list_of_processors)
{
	struct schedtrace_line *line = calloc(1, sizeof(*line));
	struct schedtrace *trace;
	struct image image;
	struct error err;
	uint64_t list = build(&image, &go_layout_table[0]);

	CHECK(schedtrace_open(&image.process, SCHEDTRACE_QUEUES, &trace, &err));
	CHECK(schedtrace_read(trace, line));
	image_put(list, 8, 1, 8);
	CHECK(schedtrace_read(trace, line));
	CHECK_INT(line->processor_count, 1);
	// No memory, too many, none: it has ended, or is no list.
	image_put(list, 8, SCHEDTRACE_PROCESSORS_MAX + 1, 8);
	CHECK(!schedtrace_read(trace, line));
	image_put(list, 8, 1, 8);
	image_put(list, 0, 4096, 8);
	CHECK(!schedtrace_read(trace, line));
	schedtrace_close(trace);
	image_deinit(&image);
	free(line);
}

TEST(schedtrace_refuses_core_files)
{
	struct core_memory core = { 0 };
	struct schedtrace *trace;
	struct image image;
	struct error err;

	build(&image, &go_layout_table[0]);
	image.process.core = &core;
	CHECK(!schedtrace_open(&image.process, SCHEDTRACE_QUEUES, &trace, &err));
	CHECK(strstr(err.text, "core file") != NULL);
	image.process.core = NULL;
	image_deinit(&image);
}
