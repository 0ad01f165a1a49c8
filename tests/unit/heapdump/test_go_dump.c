// What Go's heap dumps hold, what of it is none, and what is left of half a dump.
#include "heapdump/go_dump.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "go_sketch.h"
#include "heapdump/go_slots.h"
#include "heapdump/heap.h"
#include "heapdump/heap_open.h"
#include "test.h"

static const uint64_t page = 0xc000002000;

// All slots of a page of 512-byte objects, as runtime.dumpobjs writes them; the first
// points to itself.
static void add_full_page(struct go_sketch *sketch)
{
	for (uint64_t i = 0; i < 16; i++)
		go_sketch_object(sketch, page + 512 * i, 512, &page, i == 0);
	go_sketch_bss(sketch, 0x500000, &page, 1);
}

static uint64_t count_objects(const char *version, uint64_t *bogus)
{
	struct go_sketch sketch = go_sketch_of_version(version);
	struct heap heap;
	uint64_t count;

	add_full_page(&sketch);
	go_sketch_open(&sketch, &heap);
	count = heap.objects.count;
	*bogus = heap.quality.bogus;
	CHECK(!heap.quality.is_truncated);
	heap_deinit(&heap);
	return count;
}

TEST(go_dump_leaves_bitmaps_out)
{
	uint64_t bogus;

	CHECK_INT(count_objects("go1.21.13", &bogus), 16);
	CHECK_INT(bogus, 0);
	CHECK_INT(count_objects("go1.22.0", &bogus), 15);
	CHECK_INT(bogus, 1);
	CHECK_INT(count_objects("go1.27.0", &bogus), 15);
	CHECK_INT(bogus, 1);
}

TEST(go_slots_know_experiments)
{
	CHECK(!go_slots_of_version(STR("go1.21.3")).has_bitmaps);
	CHECK(go_slots_of_version(STR("go1.22rc1")).has_bitmaps);
	CHECK(!go_slots_of_version(STR("go1.25.1")).has_inline_marks);
	CHECK(go_slots_of_version(STR("go1.25.1 X:greenteagc")).has_inline_marks);
	CHECK(go_slots_of_version(STR("go1.26.0")).has_inline_marks);
	CHECK(!go_slots_of_version(STR("go1.26.0 X:nogreenteagc")).has_inline_marks);
	CHECK(go_slots_of_version(STR("devel go1.28-abcdef")).has_inline_marks);
}

TEST(go_dump_finds_objects_by_inner_addresses)
{
	struct go_sketch sketch = go_sketch_of_version("go1.21.0");
	struct heap heap;
	uint64_t offset;

	go_sketch_object(&sketch, 0xc000000100, 48, NULL, 0);
	go_sketch_object(&sketch, 0xc000000000, 16, NULL, 0);
	go_sketch_object(&sketch, 0x7f0000000000, 4096, NULL, 0);
	go_sketch_open(&sketch, &heap);
	CHECK_INT(heap_find(&heap, 0xc000000000, &offset), 0);
	CHECK_INT(heap_find(&heap, 0xc00000000f, &offset), 0);
	CHECK_INT(offset, 15);
	CHECK_INT(heap_find(&heap, 0xc000000010, &offset), HEAP_NONE);
	CHECK_INT(heap_find(&heap, 0xc00000012f, &offset), 1);
	CHECK_INT(heap_find(&heap, 0xc000000130, &offset), HEAP_NONE);
	CHECK_INT(heap_find(&heap, 0x7f0000000fff, &offset), 2);
	CHECK_INT(heap_find(&heap, 0x7f0000001000, &offset), HEAP_NONE);
	CHECK_INT(heap_find(&heap, 1, &offset), HEAP_NONE);
	CHECK_INT(heap_find(&heap, UINT64_MAX, &offset), HEAP_NONE);
	heap_deinit(&heap);
}

TEST(go_dump_cut_anywhere_gives_what_it_holds)
{
	struct go_sketch whole = go_sketch_of_version("go1.21.0");
	size_t start = writer_contents(&whole.w).n, end;

	add_full_page(&whole);
	end = writer_contents(&whole.w).n;
	writer_deinit(&whole.w);
	for (size_t size = start; size < end; size += 7) {
		struct go_sketch sketch = go_sketch_of_version("go1.21.0");
		struct heap heap;

		add_full_page(&sketch);
		go_sketch_open_part(&sketch, size, &heap);
		CHECK(heap.quality.is_truncated);
		CHECK(heap.quality.read_bytes <= size);
		CHECK(heap.objects.count <= 16 &&
		      heap.objects.count + 1 >= (size - start) / 523);
		heap_deinit(&heap);
	}
}

TEST(go_dump_refuses_what_is_none)
{
	struct file_view view = { (const uint8_t *)strdup("go1.7 heap dump\n\x63"), 17,
				  false };
	struct heap heap;
	struct error err;

	CHECK(!heap_open_view_take(view, "x", &heap, &err));
	CHECK_INT(err.code, ERROR_FORMAT);
	view = (struct file_view){ (const uint8_t *)strdup("no dump"), 7, false };
	CHECK(!heap_open_view_take(view, "x", &heap, &err));
	CHECK_INT(err.code, ERROR_FORMAT);
}
