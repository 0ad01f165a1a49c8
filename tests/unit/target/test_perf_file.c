// A small perf.data made here, to a file and to a pipe, and damage to it.
#include "target/perf_file.h"

#include <linux/perf_event.h>
#include <string.h>

#include "base/error.h"
#include "test.h"

enum {
	SAMPLE_TYPE = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
		      PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD,
	HEADER_BYTES = 104,
	HEADER_ATTR = 64,
	AUXTRACE = 71,
	EVENT_UPDATE = 78,
	HEADER_FEATURE = 80,
};

struct bytes {
	uint64_t words[400];
	size_t size;
};

static void put(struct bytes *bytes, const void *from, size_t size)
{
	memcpy((char *)bytes->words + bytes->size, from, size);
	bytes->size += size;
}

static void put_u64(struct bytes *bytes, uint64_t word)
{
	put(bytes, &word, sizeof(word));
}

static void put_header(struct bytes *bytes, uint32_t type, size_t body)
{
	struct perf_event_header header = { type, 0, (uint16_t)(sizeof(header) + body) };

	put(bytes, &header, sizeof(header));
}

static struct perf_event_attr attributes(uint64_t config)
{
	return (struct perf_event_attr){
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(struct perf_event_attr),
		.config = config,
		.sample_freq = 100,
		.freq = 1,
		.sample_type = SAMPLE_TYPE,
		.sample_id_all = 1,
	};
}

static void put_sample(struct bytes *bytes, uint64_t id, uint64_t time)
{
	put_header(bytes, PERF_RECORD_SAMPLE, 40);
	put_u64(bytes, id);
	put_u64(bytes, 0x401000);
	put_u64(bytes, UINT64_C(12) << 32 | 11);
	put_u64(bytes, time);
	put_u64(bytes, 10000000);
}

static void put_name(struct bytes *bytes, uint64_t time)
{
	put_header(bytes, PERF_RECORD_COMM, 40);
	put_u64(bytes, UINT64_C(12) << 32 | 11);
	put(bytes, "worker\0", 8);
	put_u64(bytes, UINT64_C(12) << 32 | 11);
	put_u64(bytes, time);
	put_u64(bytes, 7);
}

// Three samples of two events, out of order.
static void put_records(struct bytes *bytes)
{
	put_sample(bytes, 8, 300);
	put_sample(bytes, 7, 200);
	put_name(bytes, 100);
	put_sample(bytes, 7, 250);
}

static struct bytes make_file(void)
{
	struct perf_event_attr attr = attributes(PERF_COUNT_SW_CPU_CLOCK);
	size_t attr_bytes = sizeof(attr) + 16, ids = HEADER_BYTES + 2 * attr_bytes;
	struct bytes out = { .size = 0 }, records = { .size = 0 };

	put_records(&records);
	put(&out, "PERFILE2", 8);
	put_u64(&out, HEADER_BYTES);
	put_u64(&out, attr_bytes);
	put_u64(&out, HEADER_BYTES); // attributes
	put_u64(&out, 2 * attr_bytes);
	put_u64(&out, ids + 16); // data
	put_u64(&out, records.size);
	for (size_t i = 0; i < 6; i++) // event types, features
		put_u64(&out, 0);
	for (uint64_t i = 0; i < 2; i++) {
		attr.config =
			i == 0 ? PERF_COUNT_SW_CPU_CLOCK : PERF_COUNT_SW_PAGE_FAULTS;
		put(&out, &attr, sizeof(attr));
		put_u64(&out, ids + 8 * i);
		put_u64(&out, 8);
	}
	put_u64(&out, 7);
	put_u64(&out, 8);
	put(&out, records.words, records.size);
	return out;
}

static struct bytes make_pipe(void)
{
	struct perf_event_attr attr = attributes(PERF_COUNT_SW_CPU_CLOCK);
	struct bytes out = { .size = 0 };

	put(&out, "PERFILE2", 8);
	put_u64(&out, 16);
	for (uint64_t id = 7; id <= 8; id++) {
		put_header(&out, HEADER_ATTR, sizeof(attr) + 8);
		put(&out, &attr, sizeof(attr));
		put_u64(&out, id);
	}
	put_header(&out, EVENT_UPDATE, 24);
	put_u64(&out, 2); // a name
	put_u64(&out, 8);
	put(&out, "my-event", 8);
	put_header(&out, HEADER_FEATURE, 24);
	put_u64(&out, 6); // the processor
	put(&out, "\7\0\0\0aarch64\0", 12);
	put(&out, "\0\0\0", 4);
	put_header(&out, AUXTRACE, 40);
	put_u64(&out, 16); // bytes behind the record
	for (size_t i = 0; i < 4 + 2; i++)
		put_u64(&out, UINT64_MAX);
	put_records(&out);
	return out;
}

static struct str view_of(const struct bytes *bytes)
{
	return (struct str){ (const char *)bytes->words, bytes->size };
}

static void check_records(const struct perf_file *file)
{
	static struct perf_file_room room;
	struct perf_record record;
	uint64_t last = 0;

	CHECK_INT(file->entry_count, 4);
	for (size_t i = 0; i < file->entry_count; i++) {
		CHECK(perf_file_decode(file, &file->entries[i], &room, &record));
		CHECK(record.time_ns > last);
		CHECK_INT(record.pid, 11);
		CHECK_INT(record.tid, 12);
		last = record.time_ns;
		if (i == 0)
			CHECK_STR(record.name.text, "worker");
		else
			CHECK_INT(record.sample.period, 10000000);
	}
	CHECK_INT(record.event, 1);
	CHECK_INT(file->events[0].samples, 2);
	CHECK_INT(file->events[1].samples, 1);
}

TEST(perf_file_sorts_records_by_time)
{
	struct bytes bytes = make_file();
	struct perf_file file;
	struct error err;

	CHECK(perf_file_is_likely(view_of(&bytes)));
	CHECK(perf_file_open(view_of(&bytes), &file, &err));
	CHECK_INT(file.event_count, 2);
	CHECK_STR(file.events[0].name, "cpu-clock");
	CHECK_STR(file.events[1].name, "page-faults");
	CHECK_INT(file.events[0].rate_hz, 100);
	CHECK_STR(file.damage, "");
	CHECK(!file.is_cut);
	check_records(&file);
	perf_file_close(&file);
}

TEST(perf_file_from_a_pipe)
{
	struct bytes bytes = make_pipe();
	struct perf_file file;
	struct error err;

	CHECK(perf_file_open(view_of(&bytes), &file, &err));
	CHECK_INT(file.event_count, 2);
	CHECK_STR(file.events[1].name, "my-event");
	CHECK_STR(file.arch, "aarch64");
	CHECK_STR(file.damage, "");
	check_records(&file);
	perf_file_close(&file);
}

TEST(perf_file_reads_up_to_the_damage)
{
	struct bytes bytes = make_file();
	struct perf_file file;
	struct error err;

	// In the middle of the last sample.
	bytes.size -= 20;
	CHECK(perf_file_open(view_of(&bytes), &file, &err));
	CHECK_INT(file.entry_count, 3);
	CHECK(file.is_cut);
	CHECK(file.damage.n > 0);
	perf_file_close(&file);
}

TEST(perf_file_counts_samples_of_unknown_events)
{
	struct bytes bytes = make_file();
	struct perf_file file;
	struct error err;
	size_t first = HEADER_BYTES + 2 * (sizeof(struct perf_event_attr) + 16) + 16;

	bytes.words[first / 8 + 1] = 99;
	CHECK(perf_file_open(view_of(&bytes), &file, &err));
	CHECK_INT(file.entry_count, 3);
	CHECK_INT(file.damaged, 1);
	perf_file_close(&file);
}

TEST(perf_file_refuses_what_has_no_header)
{
	struct bytes bytes = make_file();
	struct perf_file file;
	struct error err;

	for (size_t size = 8; size < HEADER_BYTES; size += 8) {
		bytes.size = size;
		CHECK(!perf_file_open(view_of(&bytes), &file, &err));
	}
	memcpy(bytes.words, "2ELIFREP", 8);
	CHECK(perf_file_is_likely(view_of(&bytes)));
	CHECK(!perf_file_open(view_of(&bytes), &file, &err));
	CHECK(strstr(err.text, "byte order") != NULL);
}
