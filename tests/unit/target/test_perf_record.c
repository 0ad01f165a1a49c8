// Decoding records: each kind, and damage to each.
#include "target/perf_record.h"

#include <string.h>

#include "test.h"

struct record_bytes {
	struct perf_event_header header;
	uint64_t words[200];
};

static void push(struct record_bytes *record, uint64_t word)
{
	size_t at = (record->header.size - sizeof(record->header)) / 8;

	record->words[at] = word;
	record->header.size = (uint16_t)(record->header.size + 8);
}

static uint64_t pair(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

static struct record_bytes start(uint32_t type)
{
	return (struct record_bytes){ .header = { type, 0,
						  sizeof(struct perf_event_header) } };
}

static void push_trailer(struct record_bytes *record)
{
	push(record, pair(10, 11));
	push(record, 5000);
	push(record, 77);
	push(record, 78);
}

static struct record_bytes make_sample(void)
{
	struct record_bytes record = start(PERF_RECORD_SAMPLE);

	push(&record, 0x401000); // ip
	push(&record, pair(10, 11));
	push(&record, 5000);
	push(&record, 77);
	push(&record, 78);
	push(&record, 2); // chain
	push(&record, (uint64_t)PERF_CONTEXT_KERNEL);
	push(&record, 0xffffffff81000000);
	push(&record, PERF_SAMPLE_REGS_ABI_64);
	for (uint64_t i = 0; i < 17; i++)
		push(&record, 100 + i);
	push(&record, 16); // stack
	push(&record, 1);
	push(&record, 2);
	push(&record, 8); // of which copied
	return record;
}

TEST(perf_record_sample)
{
	struct record_bytes bytes = make_sample();
	struct perf_record record;

	CHECK(perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
	CHECK_INT(perf_record_time(&bytes.header), 5000);
	CHECK_INT(record.type, PERF_RECORD_SAMPLE);
	CHECK_INT(record.pid, 10);
	CHECK_INT(record.tid, 11);
	CHECK_INT(record.time_ns, 5000);
	CHECK_INT(record.event_id, 77);
	CHECK_INT(record.sample.stream_id, 78);
	CHECK_INT(record.sample.counted, 0);
	CHECK_INT(record.sample.ip, 0x401000);
	CHECK_INT(record.sample.chain_count, 2);
	CHECK_INT(record.sample.chain[1], 0xffffffff81000000);
	CHECK_INT(perf_record_part(&record.sample, (uint64_t)PERF_CONTEXT_KERNEL).count,
		  1);
	CHECK_INT(perf_record_part(&record.sample, (uint64_t)PERF_CONTEXT_USER).count, 0);
	CHECK(record.sample.has_user);
	CHECK_INT(record.sample.registers.value[UNWIND_RAX], 100);
	CHECK_INT(record.sample.registers.value[UNWIND_RBX], 101);
	CHECK_INT(record.sample.registers.value[UNWIND_RBP], 106);
	CHECK_INT(record.sample.registers.value[UNWIND_RSP], 107);
	CHECK_INT(record.sample.registers.value[UNWIND_RIP], 108);
	CHECK_INT(record.sample.registers.value[UNWIND_R15], 116);
	CHECK_INT(record.sample.stack_size, 8);
}

TEST(perf_record_part_ends_where_nothing_has_called)
{
	const uint64_t chain[] = { (uint64_t)PERF_CONTEXT_KERNEL,
				   7,
				   (uint64_t)PERF_CONTEXT_USER,
				   0x1000,
				   0x2000,
				   0 };
	struct perf_sample sample = { .chain = chain, .chain_count = 6 };
	struct perf_part part = perf_record_part(&sample, (uint64_t)PERF_CONTEXT_USER);

	CHECK_INT(part.count, 2);
	CHECK_INT(part.addresses[1], 0x2000);
	part = perf_record_part(&sample, (uint64_t)PERF_CONTEXT_KERNEL);
	CHECK_INT(part.count, 1);
}

TEST(perf_record_sample_with_a_count)
{
	struct record_bytes plain = make_sample(), bytes = start(PERF_RECORD_SAMPLE);
	struct perf_record record;

	for (size_t i = 0; i < (plain.header.size - sizeof(plain.header)) / 8; i++) {
		if (i == 5) // before the chain
			push(&bytes, 123456789);
		push(&bytes, plain.words[i]);
	}
	CHECK(perf_record_decode(&bytes.header, &perf_record_counted_layout, &record));
	CHECK_INT(record.sample.counted, 123456789);
	CHECK_INT(record.sample.chain_count, 2);
	CHECK_INT(record.sample.stack_size, 8);
}

TEST(perf_record_sample_cut_anywhere)
{
	struct record_bytes whole = make_sample();

	for (uint16_t size = sizeof(whole.header); size < whole.header.size; size += 8) {
		struct record_bytes bytes = whole;
		struct perf_record record;

		bytes.header.size = size;
		CHECK(!perf_record_decode(&bytes.header, &perf_record_plain_layout,
					  &record));
	}
}

TEST(perf_record_sample_with_lengths_beyond_it)
{
	struct record_bytes bytes = make_sample();
	struct perf_record record;

	bytes.words[5] = UINT64_MAX / 8 + 3; // the chain's length
	CHECK(!perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
	bytes = make_sample();
	bytes.words[26] = UINT64_MAX; // the stack's size
	CHECK(!perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
	bytes = make_sample();
	bytes.words[29] = UINT64_MAX; // how much was copied
	CHECK(perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
	CHECK_INT(record.sample.stack_size, 16);
}

TEST(perf_record_sample_of_a_kernel_thread)
{
	struct record_bytes bytes = start(PERF_RECORD_SAMPLE);
	struct perf_record record;

	push(&bytes, 0xffffffff81000000);
	push(&bytes, pair(2, 2));
	push(&bytes, 5000);
	push(&bytes, 77);
	push(&bytes, 78);
	push(&bytes, 0);
	push(&bytes, PERF_SAMPLE_REGS_ABI_NONE);
	push(&bytes, 0);
	CHECK(perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
	CHECK(!record.sample.has_user);
}

TEST(perf_record_mapping)
{
	struct record_bytes bytes = start(PERF_RECORD_MMAP2);
	struct perf_record record;
	char name[16] = "/bin/true";
	uint64_t words[2];

	push(&bytes, pair(10, 11));
	push(&bytes, 0x1000);
	push(&bytes, 0x2000);
	push(&bytes, 0x3000);
	push(&bytes, pair(8, 1));
	push(&bytes, 42);
	push(&bytes, 0);
	push(&bytes, pair(5, 2)); // PROT_READ | PROT_EXEC, MAP_PRIVATE
	memcpy(words, name, sizeof(words));
	push(&bytes, words[0]);
	push(&bytes, words[1]);
	push_trailer(&bytes);
	CHECK(perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
	CHECK_INT(perf_record_time(&bytes.header), 5000);
	CHECK_INT(record.pid, 10);
	CHECK_INT(record.mapping.start, 0x1000);
	CHECK_INT(record.mapping.size, 0x2000);
	CHECK_INT(record.mapping.offset, 0x3000);
	CHECK_INT(record.mapping.inode, 42);
	CHECK(record.mapping.is_executable);
	CHECK_STR(record.mapping.file, "/bin/true");
	bytes.words[2] = UINT64_MAX; // wraps around
	CHECK(!perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
}

TEST(perf_record_fork_names_the_child)
{
	struct record_bytes bytes = start(PERF_RECORD_FORK);
	struct perf_record record;

	push(&bytes, pair(20, 10));
	push(&bytes, pair(21, 11));
	push(&bytes, 4999);
	push_trailer(&bytes);
	CHECK(perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
	CHECK_INT(record.pid, 20);
	CHECK_INT(record.tid, 21);
	CHECK_INT(record.birth.parent, 10);
	CHECK_INT(record.birth.parent_tid, 11);
}

TEST(perf_record_of_a_kind_we_do_not_know)
{
	struct record_bytes bytes = start(PERF_RECORD_MAX + 7);
	struct perf_record record;

	push_trailer(&bytes);
	CHECK(!perf_record_decode(&bytes.header, &perf_record_plain_layout, &record));
}
