// Allocation traces: what is written is read again in the order of time, and what the
// account makes of it.
#include "profile/trace.h"

#include "base/error.h"
#include "base/pages.h"
#include "profile/trace_ledger.h"
#include "profile/trace_read.h"
#include "test.h"

enum {
	RECORDING_BYTES = RECORDING_SIZE_MIN,
	CHUNKS = 3,
	SIZE = TRACE_HEAD_SIZE + RECORDING_BYTES + CHUNKS * TRACE_CHUNK_SIZE,
};

static struct trace_head *create(void)
{
	struct trace_head *trace = pages_map(SIZE);

	trace_init(trace, SIZE, RECORDING_BYTES);
	recording_init((struct recording *)((uintptr_t)trace + TRACE_HEAD_SIZE),
		       RECORDING_BYTES);
	return trace;
}

static struct trace_chunk *claim(struct trace_head *trace, uint32_t tid, uint64_t now_ns)
{
	struct trace_chunk *chunk =
		(struct trace_chunk *)((uintptr_t)trace +
				       trace_chunk_offset(trace, trace->claimed++));

	chunk->tid = tid;
	chunk->begin_ns = chunk->last_ns = now_ns;
	return chunk;
}

static bool put(struct trace_chunk *chunk, enum trace_event event, uint64_t address,
		uint64_t size, uint64_t time_ns)
{
	struct trace_record record = { event, 7, address, size, time_ns };

	return trace_add(chunk, &record);
}

static struct trace_reader open_trace(struct trace_head *trace)
{
	struct trace_reader reader;
	struct error err;

	CHECK(trace_reader_init(&reader, (struct str){ (const char *)trace, SIZE },
				&err));
	return reader;
}

TEST(trace_merges_threads_by_time)
{
	struct trace_head *trace = create();
	struct trace_chunk *a = claim(trace, 1, 100), *b = claim(trace, 2, 90);
	uint64_t much = UINT64_C(10) << 32;
	uint64_t times[4], sizes[4];
	uint32_t tids[4];
	struct trace_record record;
	struct trace_reader reader;
	size_t count = 0;

	CHECK(put(a, TRACE_MALLOC, 0x7f0000001000, UINT64_C(5) << 32, 110));
	CHECK(put(b, TRACE_CALLOC, 0x2000, 16, 120));
	CHECK(put(a, TRACE_FREE, 0x7f0000001000, 0, 130 + much));
	CHECK(put(b, TRACE_FREE, 0x2000, 0, 125));
	reader = open_trace(trace);
	while (count < 4 && trace_reader_next(&reader, &record, &tids[count])) {
		CHECK_INT(record.stack, 7);
		sizes[count] = record.size;
		times[count++] = record.time_ns;
	}
	CHECK_INT(count, 4);
	CHECK(!trace_reader_next(&reader, &record, &tids[0]));
	CHECK_INT(tids[1], 2);
	CHECK_INT(tids[3], 1);
	CHECK_INT(times[0], 110);
	CHECK_INT(times[1], 120);
	CHECK_INT(times[2], 125);
	CHECK_INT(times[3], 130 + much);
	CHECK_INT(sizes[0], UINT64_C(5) << 32);
	CHECK_INT(reader.damaged, 0);
	trace_reader_deinit(&reader);
	pages_unmap(trace, SIZE);
}

TEST(trace_chunk_fills_up_without_overrun)
{
	struct trace_head *trace = create();
	struct trace_chunk *chunk = claim(trace, 1, 0);
	struct trace_reader reader;
	struct trace_record record;
	uint64_t written = 0, seen = 0;
	uint32_t tid;

	while (put(chunk, TRACE_MALLOC, 0x1000 + written, 1, written))
		written++;
	CHECK(chunk->used <= TRACE_BYTES);
	CHECK(written > TRACE_BYTES / TRACE_RECORD_MAX);
	reader = open_trace(trace);
	while (trace_reader_next(&reader, &record, &tid))
		seen++;
	CHECK_INT(seen, written);
	trace_reader_deinit(&reader);
	pages_unmap(trace, SIZE);
}

TEST(trace_records_come_back_whatever_their_size)
{
	static const struct trace_record records[] = {
		{ TRACE_MALLOC, 1, 0x7ffff7f0a010, 0, 1 },
		{ TRACE_FREE, UINT32_MAX, 0x10, 0, 256 },
		{ TRACE_CALLOC, 0x10000, 0x11, UINT64_C(1) << 63, 65537 },
		{ TRACE_FREE_STACK, 0, UINT64_MAX, 0, UINT32_MAX },
		{ TRACE_ALIGNED, 0x1000000, 0, UINT64_MAX, UINT64_C(1) << 40 },
		{ TRACE_REALLOC, 255, 0x7ffff7f0a017, UINT64_C(1) << 48,
		  UINT64_C(1) << 40 },
	};
	enum { COUNT = sizeof(records) / sizeof(records[0]) };
	struct trace_head *trace = create();
	struct trace_chunk *chunk = claim(trace, 1, 0);
	struct trace_reader reader;
	struct trace_record record;
	uint32_t tid;

	for (size_t i = 0; i < COUNT; i++)
		CHECK(trace_add(chunk, &records[i]));
	reader = open_trace(trace);
	for (size_t i = 0; i < COUNT; i++) {
		CHECK(trace_reader_next(&reader, &record, &tid));
		CHECK_INT(record.event, records[i].event);
		CHECK_INT(record.stack, records[i].stack);
		CHECK(record.address == records[i].address);
		CHECK(record.size == records[i].size);
		CHECK(record.time_ns == records[i].time_ns);
	}
	CHECK(!trace_reader_next(&reader, &record, &tid));
	CHECK_INT(reader.damaged, 0);
	trace_reader_deinit(&reader);
	pages_unmap(trace, SIZE);
}

TEST(trace_reader_leaves_damage_out)
{
	struct trace_head *trace = create();
	struct trace_chunk *a = claim(trace, 1, 0), *b = claim(trace, 2, 0);
	struct trace_reader reader;
	struct trace_record record;
	struct error err;
	uint32_t tid, used;

	CHECK(put(a, TRACE_MALLOC, 0x1000, 1, 5));
	used = a->used;
	CHECK(put(a, TRACE_MALLOC, 0x1010, 1, 6));
	a->bytes[used] = UINT8_MAX;
	b->used = UINT32_MAX;
	trace->claimed = UINT32_MAX;
	reader = open_trace(trace);
	CHECK(trace_reader_next(&reader, &record, &tid));
	CHECK_INT(record.address, 0x1000);
	CHECK(!trace_reader_next(&reader, &record, &tid));
	CHECK_INT(reader.damaged, 2);
	trace_reader_deinit(&reader);
	CHECK(!trace_reader_init(&reader, (struct str){ (const char *)trace, 100 },
				 &err));
	trace->magic[0] = 'x';
	CHECK(!trace_reader_init(&reader, (struct str){ (const char *)trace, SIZE },
				 &err));
	pages_unmap(trace, SIZE);
}

static void add(struct trace_ledger *ledger, enum trace_event event, uint64_t address,
		uint64_t size, uint32_t stack)
{
	struct trace_record record = { event, stack, address, size, 1 };

	trace_ledger_add(ledger, &record, 1);
}

TEST(trace_ledger_finds_what_is_not_freed)
{
	struct trace_ledger ledger = { 0 };

	add(&ledger, TRACE_MALLOC, 0x1000, 100, 1);
	add(&ledger, TRACE_MALLOC, 0x2000, 100, 1);
	add(&ledger, TRACE_REALLOC_FREE, 0x2000, 0, 2);
	add(&ledger, TRACE_REALLOC, 0x2000, 300, 2);
	add(&ledger, TRACE_FREE, 0x1000, 0, 3);
	CHECK_INT(ledger.live, 1);
	CHECK_INT(ledger.live_bytes, 300);
	CHECK_INT(ledger.most_live_bytes, 400);
	CHECK_INT(ledger.site_count, 2);
	CHECK_INT(ledger.sites[0].allocated, 2);
	CHECK_INT(ledger.sites[0].freed, 2);
	CHECK_INT(ledger.sites[1].freed, 0);
	CHECK_INT(ledger.wrong_total, 0);
	CHECK_INT(ledger.unknown_frees, 0);
	trace_ledger_deinit(&ledger);
}

TEST(trace_ledger_tells_wrong_frees_from_old_blocks)
{
	struct trace_ledger ledger = { 0 };

	add(&ledger, TRACE_MALLOC, 0x1000, 100, 1);
	add(&ledger, TRACE_FREE, 0x1010, 0, 2);
	add(&ledger, TRACE_FREE, 0x1064, 0, 2); // just behind it
	add(&ledger, TRACE_FREE, 0x1000, 0, 3);
	add(&ledger, TRACE_FREE, 0x1000, 0, 4);
	add(&ledger, TRACE_FREE_STACK, 0x7ffe0000, 0, 5);
	CHECK_INT(ledger.unknown_frees, 1);
	CHECK_INT(ledger.wrong_count, 3);
	CHECK_INT(ledger.wrong[0].fault, TRACE_FAULT_INTERIOR);
	CHECK_INT(ledger.wrong[0].block.address, 0x1000);
	CHECK_INT(ledger.wrong[1].fault, TRACE_FAULT_DOUBLE);
	CHECK_INT(ledger.wrong[1].stack, 4);
	CHECK_INT(ledger.wrong[1].block.stack, 1);
	CHECK_INT(ledger.wrong[1].block.free_stack, 3);
	CHECK_INT(ledger.wrong[2].fault, TRACE_FAULT_STACK);
	// The address comes again: its free is right once more.
	add(&ledger, TRACE_MALLOC, 0x1000, 8, 6);
	add(&ledger, TRACE_FREE, 0x1000, 0, 7);
	CHECK_INT(ledger.wrong_count, 3);
	CHECK_INT(ledger.live, 0);
	trace_ledger_deinit(&ledger);
}
