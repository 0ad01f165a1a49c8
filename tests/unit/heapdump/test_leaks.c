// Verdicts on lost blocks as valgrind gives them, on heaps of a few blocks.
#include "heapdump/leaks.h"

#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "heapdump/dump_writer.h"
#include "heapdump/heap.h"
#include "heapdump/heap_open.h"
#include "test.h"

enum { BASE = 0x10000, STRIDE = 0x100, SIZE = 64, MOST = 16 };

// Blocks 0, 1, ... by address, and the pointers that each holds.
struct blocks {
	unsigned count;
	uint64_t pointers[MOST][MOST]; // ended by 0
	uint64_t roots[MOST];          // likewise
};

static uint64_t block(unsigned i)
{
	return BASE + (uint64_t)i * STRIDE;
}

static bool put(void *context, const void *bytes, size_t size)
{
	writer_bytes(context, bytes, size);
	return true;
}

static void write_pointers(struct dump_writer *w, const uint64_t *pointers)
{
	for (unsigned i = 0; pointers[i] != 0; i++)
		dump_writer_value(w, i * (uint64_t)8, pointers[i]);
	dump_writer_end(w, (struct dump_payload){ .form = DUMP_VALUES });
}

static void classify(const struct blocks *blocks, struct leaks *leaks)
{
	const struct dump_payload payload = { .form = DUMP_VALUES };
	struct writer out = writer_to_memory();
	uint8_t buffer[128];
	struct dump_writer w = {
		.put = put, .context = &out, .buffer = buffer, .capacity = sizeof(buffer)
	};
	struct heap heap;
	struct error err;

	dump_writer_start(&w);
	dump_writer_program(&w, &(struct dump_program){ .is_conservative = true });
	for (unsigned i = 0; i < blocks->count; i++) {
		dump_writer_object(
			&w, &(struct dump_object){ .address = block(i), .size = SIZE },
			payload);
		write_pointers(&w, blocks->pointers[i]);
	}
	dump_writer_root(&w, &(struct dump_root){ .name = STR("data") }, payload);
	write_pointers(&w, blocks->roots);
	CHECK(dump_writer_finish(&w));
	CHECK(heap_open_view_take((struct file_view){ (const uint8_t *)out.buffer,
						      out.used, false },
				  "x", &heap, &err));
	leaks_init(leaks, &heap, NAMING_BY_TYPE);
	heap_deinit(&heap);
}

static void check_kinds(const struct blocks *blocks, const char *expected)
{
	struct leaks leaks;

	classify(blocks, &leaks);
	for (unsigned i = 0; i < blocks->count; i++)
		CHECK_INT("rpid"[leaks.kinds[i]], expected[i]);
	leaks_deinit(&leaks);
}

TEST(leaks_follow_starts_from_roots)
{
	const struct blocks blocks = { .count = 3,
				       .roots = { block(0) },
				       .pointers = { { block(1) } } };

	check_kinds(&blocks, "rrd");
}

// A pointer into a block makes it, and all that hangs on it alone, possibly lost.
TEST(leaks_doubt_inner_pointers)
{
	const struct blocks blocks = {
		.count = 4,
		.roots = { block(0) + 8, block(2) },
		.pointers = { { block(1) }, { 0 }, { block(3) + 1 } },
	};

	check_kinds(&blocks, "pprp");
}

TEST(leaks_prefer_a_start_to_an_inner_pointer)
{
	const struct blocks blocks = { .count = 2,
				       .roots = { block(1) + 8, block(0) },
				       .pointers = { { block(1) } } };

	check_kinds(&blocks, "rr");
}

// The head of a lost list is definitely lost, wherever it lies among its members.
TEST(leaks_hang_on_the_head)
{
	const struct blocks blocks = {
		.count = 4,
		.pointers = { { block(1) }, { 0 }, { block(0) }, { block(2) } },
	};
	struct leaks leaks;

	check_kinds(&blocks, "iiid");
	classify(&blocks, &leaks);
	CHECK_INT(leaks.totals[LEAKS_INDIRECT].bytes, 3 * SIZE);
	CHECK_INT(leaks.rows[0].kind, LEAKS_DEFINITE);
	CHECK_INT(leaks.rows[0].indirect_bytes, 3 * SIZE);
	leaks_deinit(&leaks);
}

// Of a cycle one block is definitely lost.
TEST(leaks_break_cycles)
{
	const struct blocks blocks = {
		.count = 3,
		.pointers = { { block(1) }, { block(2) }, { block(0) } },
	};

	check_kinds(&blocks, "dii");
}

// Inner pointers among lost blocks count as well.
TEST(leaks_hang_by_inner_pointers)
{
	const struct blocks blocks = { .count = 2, .pointers = { { block(1) + 16 } } };

	check_kinds(&blocks, "di");
}
