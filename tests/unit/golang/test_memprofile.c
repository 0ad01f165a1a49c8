// Buckets of a built memory profile: what is published when, and lists that lead nowhere.
#include "golang/memprofile.h"

#include "base/error.h"
#include "golang/layout_table.h"
#include "image.h"
#include "test.h"

enum { CYCLE = 4, DEPTH = 2, SIZE = 48 }; // CYCLE % 3 is what the next flush publishes

struct heap {
	struct image image;
	uint64_t head, newest, oldest;
};

static uint64_t add_bucket(struct image *image, uint64_t next, uint64_t size)
{
	const struct go_layout *l = image->process.layout;
	uint64_t bucket = image_room(image, (size_t)l->bucket.size + 8 * DEPTH +
						    (size_t)l->mem_record.size);

	image_put(bucket, l->bucket.allnext, next, 8);
	image_put(bucket, l->bucket.bucket_size, size, 8);
	image_put(bucket, l->bucket.nstk, DEPTH, 8);
	image_put(bucket, l->bucket.size, 0x401000 + size, 8);
	return bucket;
}

// `due` is counted from the one that the next flush publishes; -1 is published already.
static void count(const struct heap *heap, uint64_t bucket, int due, uint64_t allocs,
		  uint64_t frees)
{
	const struct go_layout *l = heap->image.process.layout;
	int64_t at = l->bucket.size + 8 * DEPTH;

	if (due < 0)
		at += l->mem_record.active;
	else
		at += l->mem_record.future +
		      (int64_t)((CYCLE + due) % 3) * l->mem_record_cycle.size;
	image_put(bucket, at + l->mem_record_cycle.allocs, allocs, 8);
	image_put(bucket, at + l->mem_record_cycle.frees, frees, 8);
}

static void build(struct heap *heap, const struct go_layout *layout)
{
	struct image *image = &heap->image;

	image_init(image, layout);
	heap->head = image_variable(image, STR("runtime.mbuckets"), 8);
	image_put(image_variable(image, STR("runtime.mProfCycle"), 8), 0, CYCLE << 1, 4);
	image_put(image_variable(image, STR("runtime.MemProfileRate"), 8), 0, 524288, 8);
	image_variable(image, STR("runtime.disableMemoryProfiling"), 1);
	heap->oldest = add_bucket(image, 0, SIZE);
	heap->newest = add_bucket(image, heap->oldest, 2 * SIZE);
	image_put(heap->head, 0, heap->newest, 8);
	count(heap, heap->newest, -1, 10, 4);
	count(heap, heap->newest, 0, 3, 1);
	count(heap, heap->newest, 1, 5, 0);
	count(heap, heap->oldest, 2, 7, 7);
}

TEST(memprofile_shows_what_is_published)
{
	for (size_t i = 0; i < go_layout_table_count; i++) {
		struct memprofile profile;
		struct error err;
		struct heap heap;

		build(&heap, &go_layout_table[i]);
		CHECK(memprofile_read(&heap.image.process, MEMPROFILE_PUBLISHED, &profile,
				      &err));
		CHECK_INT(profile.count, 2);
		CHECK_INT(profile.rate, 524288);
		CHECK(profile.is_settled && !profile.is_disabled);
		CHECK_INT(profile.records[0].object_size, 2 * SIZE);
		CHECK_INT(profile.records[0].allocs, 13);
		CHECK_INT(profile.records[0].frees, 5);
		CHECK_INT(profile.records[1].allocs, 0);
		CHECK_INT(profile.records[0].bucket->depth, DEPTH);
		CHECK_INT(profile.records[0].bucket->stack[0], 0x401000 + 2 * SIZE);
		memprofile_deinit(&profile);
		image_deinit(&heap.image);
	}
}

TEST(memprofile_live_adds_what_is_not_published_yet)
{
	struct memprofile profile;
	struct error err;
	struct heap heap;

	build(&heap, &go_layout_table[0]);
	CHECK(memprofile_read(&heap.image.process, MEMPROFILE_LIVE, &profile, &err));
	CHECK_INT(profile.records[0].allocs, 18);
	CHECK_INT(profile.records[1].allocs, 7);
	CHECK_INT(profile.records[1].frees, 7);
	memprofile_deinit(&profile);
	image_deinit(&heap.image);
}

TEST(memprofile_never_shows_less_than_nothing)
{
	struct memprofile profile;
	struct error err;
	struct heap heap;

	build(&heap, &go_layout_table[0]);
	count(&heap, heap.newest, -1, 1, 1000);
	CHECK(memprofile_read(&heap.image.process, MEMPROFILE_PUBLISHED, &profile, &err));
	CHECK_INT(profile.records[0].frees, profile.records[0].allocs);
	memprofile_deinit(&profile);
	image_deinit(&heap.image);
}

TEST(memprofile_refuses_a_list_in_a_circle)
{
	struct memprofile profile;
	struct error err;
	struct heap heap;

	build(&heap, &go_layout_table[0]);
	image_put(heap.oldest, heap.image.process.layout->bucket.allnext, heap.newest, 8);
	CHECK(!memprofile_read(&heap.image.process, MEMPROFILE_PUBLISHED, &profile,
			       &err));
	CHECK(strstr(err.text, "runtime.mbuckets cannot be followed") != NULL);
	image_put(heap.oldest, heap.image.process.layout->bucket.allnext, 8, 8);
	CHECK(!memprofile_read(&heap.image.process, MEMPROFILE_PUBLISHED, &profile,
			       &err));
	image_deinit(&heap.image);
}
