// Counts in shards and in the mcaches of processors, built, and summed up.
#include "golang/memstats.h"

#include <stdlib.h>

#include "base/error.h"
#include "golang/layout_table.h"
#include "image.h"
#include "test.h"

enum { CLASS = 3, CLASS_BYTES = 24, SPAN_CLASS = 2 * CLASS };

struct world {
	struct image image;
	uint64_t stats, controller, p;
};

static void add_shard(const struct world *world, int index, uint64_t allocs,
		      uint64_t frees)
{
	const struct go_layout *l = world->image.process.layout;
	int64_t at = l->memstats.heap_stats + (int64_t)index * l->heap_stats_delta.size;

	image_put(world->stats, at + l->heap_stats_delta.small_alloc_count + 8 * CLASS,
		  allocs, 8);
	image_put(world->stats, at + l->heap_stats_delta.small_free_count + 8 * CLASS,
		  frees, 8);
	image_put(world->stats, at + l->heap_stats_delta.in_stacks, 4096, 8);
}

// A P whose mcache holds a span that two objects were taken from, and three tiny ones.
static void add_processor(struct world *world)
{
	struct image *image = &world->image;
	const struct go_layout *l = image->process.layout;
	uint64_t mcache = image_room(image, (size_t)l->mcache.size);
	uint64_t span = image_room(image, (size_t)l->mspan.size);
	uint64_t array = image_room(image, 8);
	uint64_t list = image_variable(image, STR("runtime.allp"), 24);

	world->p = image_room(image, (size_t)l->p.size);
	image_put(list, 0, array, 8);
	image_put(list, 8, 1, 8);
	image_put(array, 0, world->p, 8);
	image_put(world->p, l->p.mcache, mcache, 8);
	image_put(mcache, l->mcache.alloc + 8 * SPAN_CLASS, span, 8);
	image_put(mcache, l->mcache.tiny_allocs, 3, 8);
	image_put(span, l->mspan.start_addr, 0xc000000000, 8);
	image_put(span, l->mspan.alloc_count, 7, 2);
	image_put(span, l->mspan.alloc_count_before_cache, 5, 2);
}

static void build(struct world *world, const struct go_layout *l)
{
	struct image *image = &world->image;

	image_init(image, l);
	world->stats =
		image_variable(image, STR("runtime.memstats"), (size_t)l->memstats.size);
	world->controller = image_variable(image, STR("runtime.gcController"),
					   (size_t)l->gc_controller.size);
	image_variable(image, STR("runtime.mheap_"), (size_t)l->mheap.size);
	add_processor(world);
	add_shard(world, 0, 10, 4);
	add_shard(world, 2, 5, UINT64_MAX); // shards are differences
	image_put(world->stats,
		  l->memstats.heap_stats + l->heap_stats_delta.size +
			  l->heap_stats_delta.large_alloc,
		  1 << 20, 8);
	image_put(world->stats,
		  l->memstats.heap_stats + l->heap_stats_delta.size +
			  l->heap_stats_delta.large_alloc_count,
		  1, 8);
	image_put(world->stats, l->memstats.numgc, 12, 4);
	image_put(world->stats, l->memstats.buckhash_sys, 700, 8);
	image_put(world->controller, l->gc_controller.heap_in_use, 8192, 8);
	image_put(world->controller, l->gc_controller.heap_free, 100, 8);
	image_put(world->controller, l->gc_controller.heap_released, 50, 8);
}

TEST(memstats_add_up_in_every_release)
{
	for (size_t i = 0; i < go_layout_table_count; i++) {
		struct memstats *stats = calloc(1, sizeof(*stats));
		struct world world;
		struct error err;

		build(&world, &go_layout_table[i]);
		CHECK(memstats_read(&world.image.process, stats, &err));
		CHECK(stats->is_settled);
		CHECK_INT(stats->mallocs, 10 + 5 + 2 + 3 + 1);
		CHECK_INT(stats->frees, 4 - 1 + 3);
		CHECK_INT(stats->heap_objects, 15);
		CHECK_INT(stats->total_alloc, 17 * CLASS_BYTES + (1 << 20));
		CHECK_INT(stats->alloc, 14 * CLASS_BYTES + (1 << 20));
		CHECK_INT(stats->by_size[CLASS].size, CLASS_BYTES);
		CHECK_INT(stats->by_size[CLASS].mallocs, 17);
		CHECK_INT(stats->by_size[CLASS].frees, 3);
		CHECK_INT(stats->stack_inuse, 8192);
		CHECK_INT(stats->heap_idle, 150);
		CHECK_INT(stats->heap_sys, 8192 + 150);
		CHECK_INT(stats->sys, 8192 + 150 + 8192 + 700);
		CHECK_INT(stats->num_gc, 12);
		image_deinit(&world.image);
		free(stats);
	}
}

TEST(memstats_say_when_they_were_written_meanwhile)
{
	struct memstats *stats = calloc(1, sizeof(*stats));
	struct world world;
	struct error err;

	build(&world, &go_layout_table[0]);
	image_put(world.p, world.image.process.layout->p.stats_seq, 7, 4);
	CHECK(memstats_read(&world.image.process, stats, &err));
	CHECK(!stats->is_settled);
	CHECK_INT(stats->mallocs, 21);
	image_deinit(&world.image);
	free(stats);
}

TEST(memstats_end_with_the_process)
{
	struct memstats *stats = calloc(1, sizeof(*stats));
	struct image image;
	struct error err;

	image_init(&image, &go_layout_table[0]);
	go_symbols_add(&image.process.symbols, STR("runtime.memstats"), 4096);
	go_symbols_add(&image.process.symbols, STR("runtime.gcController"), 4096);
	go_symbols_add(&image.process.symbols, STR("runtime.mheap_"), 4096);
	go_symbols_add(&image.process.symbols, STR("runtime.allp"), 4096);
	CHECK(!memstats_read(&image.process, stats, &err));
	CHECK(strstr(err.text, "cannot be read any more") != NULL);
	image_deinit(&image);
	free(stats);
}
