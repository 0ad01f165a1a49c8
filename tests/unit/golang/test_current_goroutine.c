// Threads and what they run, built.
#include "golang/current_goroutine.h"

#include "golang/layout_table.h"
#include "image.h"
#include "test.h"

enum { TID = 1234 };

struct built {
	struct image image;
	uint64_t m, g;
};

static void build(struct built *built, const struct go_layout *l)
{
	struct image *image = &built->image;

	image_init(image, l);
	built->m = image_room(image, (size_t)l->m.size);
	built->g = image_room(image, (size_t)l->g.size);
	image_put(image_variable(image, STR("runtime.allm"), 8), 0, built->m, 8);
	image_put(built->m, l->m.procid, TID, 8);
	image_put(built->m, l->m.curg, built->g, 8);
	image_put(built->g, l->g.m, built->m, 8);
	image_put(built->g, l->g.goid, 42, 8);
	image_put(built->g, l->g.labels, 0xc000010000, 8);
	image_put(built->g, l->g.stack_lo, 0xc000100000, 8);
	image_put(built->g, l->g.stack_hi, 0xc000102000, 8);
}

TEST(current_goroutine_reads_every_release)
{
	for (size_t i = 0; i < go_layout_table_count; i++) {
		struct current_goroutine_reader *reader;
		struct current_goroutine found;
		struct built built;

		build(&built, &go_layout_table[i]);
		reader = current_goroutine_open(&built.image.process);
		CHECK(current_goroutine_read(reader, TID, &found));
		CHECK_INT(found.id, 42);
		CHECK_INT(found.address, built.g);
		CHECK_INT(found.labels, 0xc000010000);
		CHECK_INT(found.stack_low, 0xc000100000);
		CHECK_INT(found.stack_high, 0xc000102000);
		CHECK(!current_goroutine_read(reader, TID + 1, &found));
		current_goroutine_close(reader);
		image_deinit(&built.image);
	}
}

TEST(current_goroutine_believes_no_half)
{
	const struct go_layout *l = &go_layout_table[0];
	struct current_goroutine_reader *reader;
	struct current_goroutine found;
	struct built built;

	build(&built, l);
	reader = current_goroutine_open(&built.image.process);
	CHECK(current_goroutine_read(reader, TID, &found));
	// It has gone on to another thread.
	image_put(built.g, l->g.m, built.m + 8, 8);
	CHECK(!current_goroutine_read(reader, TID, &found));
	image_put(built.g, l->g.m, built.m, 8);
	// The thread runs none.
	image_put(built.m, l->m.curg, 0, 8);
	CHECK(!current_goroutine_read(reader, TID, &found));
	image_put(built.m, l->m.curg, built.g, 8);
	// Its m is another thread's now.
	image_put(built.m, l->m.procid, TID + 1, 8);
	CHECK(!current_goroutine_read(reader, TID, &found));
	current_goroutine_close(reader);
	image_deinit(&built.image);
}
