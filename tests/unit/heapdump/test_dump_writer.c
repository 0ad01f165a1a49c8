// What the writer writes, the reader reads: every record, through a small buffer.
#include "heapdump/dump_writer.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "heapdump/heap.h"
#include "heapdump/heap_open.h"
#include "heapdump/naming.h"
#include "test.h"

static bool put(void *context, const void *bytes, size_t size)
{
	writer_bytes(context, bytes, size);
	return true;
}

static bool put_nothing(void *context, const void *bytes, size_t size)
{
	(void)context;
	(void)bytes;
	(void)size;
	return false;
}

static struct dump_writer start(struct writer *out, uint8_t *buffer, size_t capacity)
{
	struct dump_writer w = {
		.put = put, .context = out, .buffer = buffer, .capacity = capacity
	};

	dump_writer_start(&w);
	return w;
}

static void open_written(struct writer *out, struct heap *heap)
{
	struct str bytes = writer_contents(out);
	struct error err;

	// The writer's buffer is the view's from here on.
	if (!heap_open_view_take((struct file_view){ (const uint8_t *)bytes.p, bytes.n,
						     false },
				 "written", heap, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

static void write_definitions(struct dump_writer *w)
{
	static const uint64_t frames[] = { 7, 9 };

	dump_writer_program(w, &(struct dump_program){ .is_conservative = true,
						       .pause_ns = 1500,
						       .program = STR("/bin/x"),
						       .thread_word = STR("thread") });
	dump_writer_thread(w, 3, 4711, STR("running"));
	dump_writer_site(w, &(struct dump_site){ .id = 5, .frames = frames, .count = 2 });
	dump_writer_frame(w, 7, STR("malloc"), STR(""), 0);
	dump_writer_frame(w, 9, STR("make"), STR("/src/x.c"), 12);
	dump_writer_type(w, 2, 24, STR("struct node"));
}

static void write_object(struct dump_writer *w, uint64_t address, uint64_t points_to)
{
	struct dump_payload payload = { DUMP_SCANNED, 24 };
	uint64_t words[3] = { 0, points_to, 1 };

	dump_writer_object(w,
			   &(struct dump_object){
				   .address = address, .size = 24, .type = 2, .site = 5 },
			   payload);
	dump_writer_contents(w, words, 8);
	dump_writer_contents(w, words + 1, 16);
	dump_writer_end(w, payload);
}

static void write_root(struct dump_writer *w, uint64_t value)
{
	struct dump_payload payload = { .form = DUMP_VALUES };

	dump_writer_root(w,
			 &(struct dump_root){ .kind = DUMP_ROOT_REGISTERS,
					      .thread = 3,
					      .name = STR("registers") },
			 payload);
	dump_writer_value(w, 16, value);
	dump_writer_end(w, payload);
}

TEST(dump_writer_is_read_back)
{
	uint8_t buffer[DUMP_WRITER_BUFFER_MIN];
	struct writer out = writer_to_memory();
	struct dump_writer w = start(&out, buffer, sizeof(buffer));
	CLEANUP_ARENA struct arena arena = { 0 };
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;
	struct heap heap;

	write_definitions(&w);
	write_object(&w, 0x6020, 0x6000);
	write_object(&w, 0x6000, 0);
	write_root(&w, 0x6020);
	CHECK(dump_writer_finish(&w));
	open_written(&out, &heap);
	heap_classify(&heap);

	CHECK(!heap.quality.is_truncated && heap.quality.is_conservative);
	CHECK_INT(heap.quality.pause_ns, 1500);
	CHECK_INT(heap.objects.count, 2);
	CHECK_INT(heap.bytes, 48);
	CHECK_STR(naming_of_node(&heap, 1, &arena), "0x6020 struct node");
	CHECK_STR(naming_of_group(&heap, heap.sites_of[0], NAMING_BY_SITE, &arena),
		  "make x.c:12");
	CHECK_STR(naming_of_node(&heap, 2, &arena), "registers of thread 4711");
	heap_node_pointers(&heap, 1, &source);
	cursor = pointers_from(&source, 0);
	CHECK(pointers_next(&cursor, &item) && item.offset == 8 && item.value == 0x6000);
	CHECK(pointers_next(&cursor, &item) && item.offset == 16 && item.value == 1);
	CHECK(!pointers_next(&cursor, &item));
	heap_node_pointers(&heap, 2, &source);
	cursor = pointers_from(&source, 0);
	CHECK(pointers_next(&cursor, &item) && item.offset == 16 && item.value == 0x6020);
	heap_deinit(&heap);
}

TEST(dump_writer_reports_failure)
{
	uint8_t buffer[DUMP_WRITER_BUFFER_MIN];
	struct dump_writer w = { .put = put_nothing,
				 .buffer = buffer,
				 .capacity = sizeof(buffer) };

	dump_writer_start(&w);
	CHECK(!dump_writer_finish(&w));
}

TEST(dump_without_its_end_is_told)
{
	uint8_t buffer[256];
	struct writer out = writer_to_memory();
	struct dump_writer w = start(&out, buffer, sizeof(buffer));
	struct heap heap;

	write_object(&w, 0x6000, 0);
	CHECK(dump_writer_finish(&w));
	out.used -= 2; // the end record
	open_written(&out, &heap);
	CHECK(heap.quality.is_truncated);
	CHECK_INT(heap.objects.count, 1);
	heap_deinit(&heap);
}

static void write_place_site(struct dump_writer *w, uint64_t id, uint64_t frame)
{
	const uint64_t frames[] = { frame, 99 };
	const struct dump_payload nothing = { DUMP_NOTHING, 0 };

	dump_writer_site(w, &(struct dump_site){ .id = id,
						 .frames = frames,
						 .count = 2,
						 .allocations = 2,
						 .frees = 1 });
	dump_writer_object(
		w, &(struct dump_object){ .address = id << 16, .size = 16, .site = id },
		nothing);
	dump_writer_end(w, nothing);
}

TEST(dump_writer__places_without_files_keep_addresses_and_equal_stacks_are_one_site)
{
	uint8_t buffer[DUMP_WRITER_BUFFER_MIN];
	struct writer out = writer_to_memory();
	struct dump_writer w = start(&out, buffer, sizeof(buffer));
	struct heap heap;

	dump_writer_program(&w, &(struct dump_program){ .is_incomplete = true });
	dump_writer_module(&w,
			   &(struct dump_module){ 1, 0x1000, 0x2000, 0,
						  STR("/no/such/file"), STR("00ff") });
	dump_writer_place(&w, 7, 0x1234, 1);
	write_place_site(&w, 5, 7);
	write_place_site(&w, 6, 7);
	write_place_site(&w, 8, 9);
	dump_writer_place(&w, 9, 0x5678, 0);
	CHECK(dump_writer_finish(&w));
	open_written(&out, &heap);
	heap_classify(&heap);
	CHECK(heap.quality.is_incomplete && !heap.quality.is_conservative);
	CHECK_INT(heap.sites_of[0], heap.sites_of[1]);
	CHECK(heap.sites_of[2] != heap.sites_of[0]);
	CHECK_INT(heap.sites[heap.sites_of[0]].allocations, 4);
	CHECK_STR(heap_site_frame(&heap, &heap.sites[heap.sites_of[0]], 0)->function,
		  "0x1234");
	CHECK_STR(heap_site_frame(&heap, &heap.sites[heap.sites_of[0]], 0)->file,
		  "/no/such/file");
	CHECK_STR(heap_site_frame(&heap, &heap.sites[heap.sites_of[2]], 1)->function,
		  "unknown");
	heap_deinit(&heap);
}
