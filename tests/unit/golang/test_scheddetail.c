// Processors, threads and goroutines that point to each other, built.
#include "golang/scheddetail.h"

#include <stdlib.h>

#include "base/error.h"
#include "golang/layout_table.h"
#include "golang/schedtrace.h"
#include "image.h"
#include "test.h"

struct built {
	struct image image;
	uint64_t p, m[2], g[2];
};

static void link_threads(struct built *built, const struct go_layout *l)
{
	image_put(built->m[0], l->m.alllink, built->m[1], 8);
	image_put(built->m[0], l->m.id, 7, 8);
	image_put(built->m[0], l->m.p, built->p, 8);
	image_put(built->m[0], l->m.curg, built->g[0], 8);
	image_put(built->m[0], l->m.lockedg, built->g[1], 8);
	image_put(built->m[0], l->m.locks, UINT32_MAX, 4);
	image_put(built->m[0], l->m.spinning, 1, 1);
	image_put(built->m[1], l->m.blocked, 1, 1);
}

static void build(struct built *built, const struct go_layout *l)
{
	struct image *image = &built->image;
	uint64_t list;

	image_init(image, l);
	built->p = image_room(image, (size_t)l->p.size);
	for (int i = 0; i < 2; i++) {
		built->m[i] = image_room(image, (size_t)l->m.size);
		built->g[i] = image_room(image, (size_t)l->g.size);
		image_put(built->g[i], l->g.goid, 40 + (uint64_t)i, 8);
	}
	image_put(built->p, l->p.id, 3, 4);
	link_threads(built, l);
	image_put(built->g[0], l->g.m, built->m[0], 8);
	image_put(built->g[0], l->g.atomicstatus, 0x1002, 4);
	image_put(built->g[1], l->g.lockedm, built->m[0], 8);
	image_put(image_variable(image, STR("runtime.allm"), 8), 0, built->m[0], 8);
	list = image_room(image, sizeof(built->g));
	image_put(list, 0, built->g[0], 8);
	image_put(list, 8, built->g[1], 8);
	image_put(image_variable(image, STR("runtime.allgptr"), 8), 0, list, 8);
	image_put(image_variable(image, STR("runtime.allglen"), 8), 0, 2, 8);
}

static void check_rows(const struct scheddetail *detail)
{
	CHECK_INT(detail->processor_threads[0], 7);
	CHECK_INT(detail->thread_count, 2);
	CHECK_INT(detail->threads[0].id, 7);
	CHECK_INT(detail->threads[0].processor, 3);
	CHECK_INT(detail->threads[0].current_goroutine, 40);
	CHECK_INT(detail->threads[0].locked_goroutine, 41);
	CHECK_INT(detail->threads[0].locks, -1);
	CHECK(detail->threads[0].is_spinning && !detail->threads[0].is_blocked);
	CHECK_INT(detail->threads[1].processor, SCHEDDETAIL_NONE);
	CHECK_INT(detail->threads[1].current_goroutine, SCHEDDETAIL_NONE);
	CHECK(!detail->threads[1].is_spinning && detail->threads[1].is_blocked);
	CHECK_INT(detail->goroutine_count, 2);
	CHECK_INT(detail->goroutines[0].id, 40);
	CHECK_INT(detail->goroutines[0].thread, 7);
	CHECK_INT(detail->goroutines[0].status, 0x1002);
	CHECK_INT(detail->goroutines[0].locked_thread, SCHEDDETAIL_NONE);
	CHECK_INT(detail->goroutines[1].thread, SCHEDDETAIL_NONE);
	CHECK_INT(detail->goroutines[1].locked_thread, 7);
}

TEST(scheddetail_reads_every_release)
{
	for (size_t i = 0; i < go_layout_table_count; i++) {
		struct schedtrace_line *line = calloc(1, sizeof(*line));
		struct schedtrace_processor processor = { 0 };
		struct scheddetail_reader *reader;
		const struct scheddetail *detail;
		struct built built;
		struct error err;

		build(&built, &go_layout_table[i]);
		processor.m = built.m[0];
		line->processor_count = 1;
		line->processors = &processor;
		CHECK(scheddetail_open(&built.image.process, &reader, &err));
		CHECK(scheddetail_read(reader, line, &detail, &err));
		check_rows(detail);
		CHECK(scheddetail_read(reader, line, &detail, &err));
		check_rows(detail);
		scheddetail_close(reader);
		image_deinit(&built.image);
		free(line);
	}
}

TEST(scheddetail_refuses_a_list_that_leads_nowhere)
{
	struct schedtrace_line *line = calloc(1, sizeof(*line));
	const struct go_layout *l = &go_layout_table[0];
	struct scheddetail_reader *reader;
	const struct scheddetail *detail;
	struct built built;
	struct error err;

	build(&built, l);
	CHECK(scheddetail_open(&built.image.process, &reader, &err));
	image_put(built.m[1], l->m.alllink, 4096, 8);
	CHECK(!scheddetail_read(reader, line, &detail, &err));
	CHECK(strstr(err.text, "runtime.allm") != NULL);
	// One that leads back to itself ends all the same.
	image_put(built.m[1], l->m.alllink, built.m[0], 8);
	CHECK(!scheddetail_read(reader, line, &detail, &err));
	scheddetail_close(reader);
	image_deinit(&built.image);
	free(line);
}
