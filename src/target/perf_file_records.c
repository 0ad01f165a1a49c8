// The records of perf.data, one behind the other, those of perf itself among them.
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/inflate.h"
#include "base/reader.h"
#include "base/zstd_stream.h"
#include "target/perf_file.h"
#include "target/perf_file_parts.h"

// Types of records that perf writes, not the kernel.
enum {
	FIRST_OF_PERF = 64,
	HEADER_ATTR = 64,
	HEADER_TRACING_DATA = 66,
	HEADER_BUILD_ID = 67,
	AUXTRACE = 71,
	EVENT_UPDATE = 78,
	HEADER_FEATURE = 80,
	COMPRESSED = 81,
};

// The way through a file. What is inflated ends in the middle of a record that the next
// part completes.
struct walk {
	struct perf_file *file;
	struct zstd_stream zstd;
	struct str rest; // of what was inflated last
	size_t inflated, inflated_limit;
	uint64_t last_time_ns;
	struct perf_file_room room;
	struct error err; // why the walk ended, where is_broken
	bool is_broken;
};

// Where the id stands among members of eight bytes; all events have it in one place.
static size_t id_offset(uint64_t type)
{
	uint64_t before =
		PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR;

	return 8 * (size_t)__builtin_popcountll(type & before);
}

static size_t id_offset_from_end(uint64_t type)
{
	uint64_t from = PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU |
			PERF_SAMPLE_IDENTIFIER;

	return 8 * (size_t)__builtin_popcountll(type & from);
}

// The id of the event that a record belongs to, 0 where it has none.
static uint64_t find_id(const struct perf_layout *layout,
			const struct perf_event_header *header, const uint8_t *bytes)
{
	uint64_t type = layout->sample_type, id = 0;
	bool is_first = (type & PERF_SAMPLE_IDENTIFIER) != 0;
	size_t at;

	if (!is_first && (type & PERF_SAMPLE_ID) == 0)
		return 0;
	if (header->type == PERF_RECORD_SAMPLE)
		at = sizeof(*header) + (is_first ? 0 : id_offset(type));
	else if (!layout->has_trailer)
		return 0;
	else
		at = header->size - (is_first ? (size_t)8 : id_offset_from_end(type));
	if (at + sizeof(id) > header->size)
		return 0;
	memcpy(&id, bytes + at, sizeof(id));
	return id;
}

// What perf itself made up has no id and looks like the records of the first event.
static uint32_t event_of(const struct perf_file *file,
			 const struct perf_event_header *header, const uint8_t *bytes)
{
	uint64_t id;

	if (file->event_count <= 1)
		return file->event_count == 0 ? MAP_NONE : 0;
	id = find_id(&file->events[0].layout, header, bytes);
	return id == 0 ? 0 : map_get(&file->event_rows, id);
}

static bool is_known(uint32_t type)
{
	switch (type) {
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2:
	case PERF_RECORD_COMM:
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
	case PERF_RECORD_LOST:
	case PERF_RECORD_LOST_SAMPLES:
	case PERF_RECORD_SAMPLE:
		return true;
	default:
		return false;
	}
}

bool perf_file_decode(const struct perf_file *file, const struct perf_file_entry *entry,
		      struct perf_file_room *room, struct perf_record *out)
{
	const struct perf_event_header *header = (const void *)room->words;
	uint16_t size;

	memcpy(&size, entry->bytes + offsetof(struct perf_event_header, size),
	       sizeof(size));
	memcpy(room->words, entry->bytes, size);
	if (!perf_record_decode(header, &file->events[entry->event].layout, out))
		return false;
	// Those of files before sample_id_all carry no time.
	out->time_ns = entry->time_ns;
	out->event = entry->event;
	return true;
}

static void add_entry(struct walk *walk, const struct perf_event_header *header,
		      const uint8_t *bytes)
{
	struct perf_file *file = walk->file;
	struct perf_file_entry entry = { .bytes = bytes,
					 .event = event_of(file, header, bytes) };
	const struct perf_layout *layout;
	struct perf_record record;

	if (!is_known(header->type))
		return;
	memcpy(walk->room.words, bytes, header->size);
	layout = entry.event == MAP_NONE ? NULL : &file->events[entry.event].layout;
	if (layout == NULL ||
	    !perf_record_decode((const void *)walk->room.words, layout, &record)) {
		file->damaged++;
		return;
	}
	if ((layout->sample_type & PERF_SAMPLE_TIME) == 0 ||
	    (record.type != PERF_RECORD_SAMPLE && !layout->has_trailer))
		record.time_ns = walk->last_time_ns;
	entry.time_ns = walk->last_time_ns = record.time_ns;
	entry.number = (uint32_t)file->entry_count;
	file->events[entry.event].samples += record.type == PERF_RECORD_SAMPLE;
	file->entries = table_reserve(file->entries, &file->entry_capacity,
				      file->entry_count + 1, sizeof(entry));
	file->entries[file->entry_count++] = entry;
}

static void take_attributes(struct perf_file *file, struct reader *r)
{
	struct reader peek = *r;
	uint32_t size;

	reader_skip(&peek, 4); // type
	size = reader_u32(&peek);
	const uint8_t *attributes = reader_bytes(r, size);

	if (attributes != NULL)
		perf_file_add_event(file, (struct str){ (const char *)attributes, size },
				    r);
}

static void take_of_perf(struct perf_file *file, const struct perf_event_header *header,
			 struct reader *r)
{
	uint64_t feature;

	switch (header->type) {
	case HEADER_ATTR:
		take_attributes(file, r);
		break;
	case HEADER_BUILD_ID:
		perf_file_take_build_id(file, header->misc, r);
		break;
	case EVENT_UPDATE:
		perf_file_take_name(file, r);
		break;
	case HEADER_FEATURE:
		feature = reader_u64(r);
		perf_file_take_feature(file, feature,
				       (struct str){ (const char *)r->p,
						     reader_left(r) });
		break;
	default:
		break;
	}
}

// Cuts one record off; false where there is no whole one.
static bool next_record(struct str *rest, struct perf_event_header *header)
{
	if (rest->n < sizeof(*header))
		return false;
	memcpy(header, rest->p, sizeof(*header));
	if (header->size < sizeof(*header) || header->size > rest->n)
		return false;
	*rest = str_after(*rest, header->size);
	return true;
}

// The bytes that follow some records and are not counted in their sizes.
static uint64_t size_behind(const struct perf_event_header *header, const uint8_t *bytes)
{
	struct reader r =
		reader_from(bytes + sizeof(*header), header->size - sizeof(*header));

	if (header->type == HEADER_TRACING_DATA)
		return ((uint64_t)reader_u32(&r) + 7) / 8 * 8;
	return header->type == AUXTRACE ? reader_u64(&r) : 0;
}

static void keep_block(struct perf_file *file, uint8_t *bytes)
{
	file->blocks = table_reserve(file->blocks, &file->block_capacity,
				     file->block_count + 1, sizeof(*file->blocks));
	file->blocks[file->block_count++] = bytes;
}

static void inflate_part(struct walk *walk, struct str part)
{
	struct zstd_block block = { NULL, 0, walk->rest.n };
	size_t limit = walk->inflated_limit - walk->inflated + walk->rest.n;
	struct perf_event_header header;
	struct str rest;

	block.bytes = table_reserve(NULL, &block.capacity, walk->rest.n + 1, 1);
	memcpy(block.bytes, walk->rest.p, walk->rest.n);
	walk->is_broken = !zstd_stream_add(&walk->zstd, part, &block, limit, &walk->err);
	keep_block(walk->file, block.bytes);
	walk->inflated += block.size - walk->rest.n;
	rest = (struct str){ (const char *)block.bytes, block.size };
	for (const char *at = rest.p; next_record(&rest, &header); at = rest.p)
		add_entry(walk, &header, (const uint8_t *)at);
	walk->rest = rest;
}

static void take_record(struct walk *walk, const struct perf_event_header *header,
			const uint8_t *bytes)
{
	struct reader r =
		reader_from(bytes + sizeof(*header), header->size - sizeof(*header));

	if (header->type == COMPRESSED)
		inflate_part(walk, (struct str){ (const char *)r.p, reader_left(&r) });
	else if (header->type < FIRST_OF_PERF)
		add_entry(walk, header, bytes);
	else
		take_of_perf(walk->file, header, &r);
}

static void tell_damage(struct walk *walk, size_t at, size_t size)
{
	struct perf_file *file = walk->file;

	if (walk->is_broken)
		file->damage =
			str_format(&file->arena, "compressed record at offset %zu: %s",
				   at, walk->err.text);
	else if (at < size)
		file->damage =
			str_format(&file->arena,
				   "the records break off at %zu of %zu bytes", at, size);
	else if (walk->rest.n > 0)
		file->damage = STR("the last record is cut short");
}

void perf_file_take_records(struct perf_file *file, struct str bytes)
{
	struct walk *walk = table_zeroed(1, sizeof(*walk));
	struct str rest = bytes;
	struct perf_event_header header;
	const char *at = rest.p;

	walk->file = file;
	walk->rest = STR("");
	walk->inflated_limit = inflate_limit(bytes.n);
	while (!walk->is_broken && next_record(&rest, &header)) {
		uint64_t behind = size_behind(&header, (const uint8_t *)at);

		take_record(walk, &header, (const uint8_t *)at);
		if (behind > rest.n)
			break;
		rest = str_after(rest, behind);
		at = rest.p;
	}
	tell_damage(walk, (size_t)(at - bytes.p), bytes.n);
	zstd_stream_deinit(&walk->zstd);
	free(walk);
}
