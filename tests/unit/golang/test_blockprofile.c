// Buckets of a built block profile.
#include "golang/blockprofile.h"

#include "base/error.h"
#include "golang/layout_table.h"
#include "image.h"
#include "test.h"

enum { DEPTH = 3 };

static uint64_t add_bucket(struct image *image, uint64_t next, double waits,
			   uint64_t cycles)
{
	const struct go_layout *l = image->process.layout;
	uint64_t bucket = image_room(image, (size_t)l->bucket.size + 8 * DEPTH +
						    (size_t)l->block_record.size);
	int64_t record = l->bucket.size + 8 * DEPTH;
	uint64_t word;

	memcpy(&word, &waits, sizeof(word));
	image_put(bucket, l->bucket.allnext, next, 8);
	image_put(bucket, l->bucket.nstk, DEPTH, 8);
	for (int i = 0; i < DEPTH; i++)
		image_put(bucket, l->bucket.size + 8 * i, 0x401000 + cycles + i, 8);
	image_put(bucket, record + l->block_record.count, word, 8);
	image_put(bucket, record + l->block_record.cycles, cycles, 8);
	return bucket;
}

// Two buckets; the older one waited longer. Returns it.
static uint64_t build(struct image *image, const struct go_layout *layout)
{
	uint64_t head, older, ticks;

	image_init(image, layout);
	head = image_variable(image, STR("runtime.bbuckets"), 8);
	image_put(image_variable(image, STR("runtime.blockprofilerate"), 8), 0, 100, 8);
	ticks = image_variable(image, STR("runtime.ticks"), 64);
	if (layout->ticks.val != GO_ABSENT)
		image_put(ticks, layout->ticks.val, 2000000000, 8);
	older = add_bucket(image, 0, 2.9, 9000);
	image_put(head, 0, add_bucket(image, older, 0.25, 500), 8);
	return older;
}

TEST(blockprofile_sorts_by_time_and_counts_whole_waits)
{
	for (size_t i = 0; i < go_layout_table_count; i++) {
		struct blockprofile profile;
		struct image image;
		struct error err;

		build(&image, &go_layout_table[i]);
		CHECK(blockprofile_read(&image.process, BLOCKPROFILE_BLOCK, &profile,
					&err));
		CHECK_INT(profile.count, 2);
		CHECK_INT(profile.rate, 100);
		if (image.process.layout->ticks.val == GO_ABSENT)
			CHECK(profile.cycles_per_second > 0); // measured
		else
			CHECK_INT(profile.cycles_per_second, 2000000000);
		CHECK_INT(profile.records[0].cycles, 9000);
		CHECK_INT(profile.records[0].count, 2);
		CHECK_INT(profile.records[1].count, 1);
		CHECK_INT(profile.records[0].bucket->depth, DEPTH);
		blockprofile_deinit(&profile);
		image_deinit(&image);
	}
}

TEST(blockprofile_drops_the_mark_of_stacks_with_whole_frames)
{
	struct blockprofile profile;
	struct image image;
	struct error err;
	uint64_t bucket = build(&image, &go_layout_table[0]);

	image_put(bucket, image.process.layout->bucket.size, UINT64_MAX, 8);
	CHECK(blockprofile_read(&image.process, BLOCKPROFILE_BLOCK, &profile, &err));
	CHECK_INT(profile.records[0].bucket->depth, DEPTH - 1);
	CHECK_INT(profile.records[0].bucket->stack[0], 0x401000 + 9000 + 1);
	blockprofile_deinit(&profile);
	image_deinit(&image);
}

TEST(blockprofile_subtracts_an_earlier_reading)
{
	struct blockprofile before, after;
	struct image image;
	struct error err;
	uint64_t bucket = build(&image, &go_layout_table[0]);
	const struct go_layout *l = image.process.layout;

	CHECK(blockprofile_read(&image.process, BLOCKPROFILE_BLOCK, &before, &err));
	image_put(bucket, l->bucket.size + 8 * DEPTH + l->block_record.cycles, 9600, 8);
	CHECK(blockprofile_read(&image.process, BLOCKPROFILE_BLOCK, &after, &err));
	blockprofile_subtract(&after, &before);
	CHECK_INT(after.records[0].cycles, 600);
	CHECK_INT(after.records[0].count, 0);
	CHECK_INT(after.records[1].cycles, 0);
	blockprofile_deinit(&before);
	blockprofile_deinit(&after);
	image_deinit(&image);
}

TEST(blockprofile_names_what_it_misses)
{
	struct blockprofile profile;
	struct image image;
	struct error err;

	build(&image, &go_layout_table[0]);
	image.process.info.version = STR("go1.19");
	CHECK(!blockprofile_read(&image.process, BLOCKPROFILE_MUTEX, &profile, &err));
	CHECK(strstr(err.text, "runtime.mutexprofilerate") != NULL);
	image_deinit(&image);
}
