// The header of perf.data, which says where all else is.
#include "target/perf_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/reader.h"
#include "target/perf_file_parts.h"

enum { MAGIC_BYTES = 8, PIPE_HEADER_BYTES = 16, SECTION_BYTES = 16 };

static const struct str magic = STR("PERFILE2");

bool perf_file_is_likely(struct str bytes)
{
	return str_starts_with(bytes, magic) || str_starts_with(bytes, STR("2ELIFREP")) ||
	       str_starts_with(bytes, STR("PERFFILE"));
}

void perf_file_close(struct perf_file *file)
{
	for (size_t i = 0; i < file->block_count; i++)
		free(file->blocks[i]);
	free(file->blocks);
	free(file->entries);
	free(file->events);
	free(file->build_ids);
	map_deinit(&file->event_rows);
	arena_deinit(&file->arena);
}

// What {offset, size} names of the file; shorter where the file is.
static struct str read_section(struct reader *r, struct str bytes)
{
	uint64_t offset = reader_u64(r), size = reader_u64(r);

	if (offset >= bytes.n)
		return STR("");
	if (size > bytes.n - offset)
		size = bytes.n - offset;
	return str_slice(bytes, offset, offset + size);
}

// { attr[size - 16]; section of ids } for each event.
static bool read_events(struct perf_file *file, struct str section, uint64_t size,
			struct str bytes, struct error *err)
{
	struct reader r = reader_from_str(section);

	if (size <= SECTION_BYTES || size > section.n)
		return error_set(err, ERROR_FORMAT, "its header tells no events");
	while (reader_left(&r) >= size) {
		size_t attr_size = size - SECTION_BYTES;
		const uint8_t *attr = reader_bytes(&r, attr_size);
		struct str attributes = { (const char *)attr, attr_size };
		struct reader ids = reader_from_str(read_section(&r, bytes));

		perf_file_add_event(file, attributes, &ids);
	}
	return true;
}

// The sections behind the data, one for each bit that is set.
static void read_features(struct perf_file *file, struct reader *bits, struct str behind,
			  struct str bytes)
{
	struct reader sections = reader_from_str(behind);
	uint64_t word = 0;

	for (uint64_t i = 0; i < PERF_FILE_FEATURES; i++) {
		if (i % 64 == 0)
			word = reader_u64(bits);
		if ((word >> i % 64 & 1) == 0)
			continue;
		perf_file_take_feature(file, i, read_section(&sections, bytes));
	}
}

// u64 header size, attr size; sections: attributes, data, event types; feature bits.
static bool read_file(struct perf_file *file, struct str bytes, struct error *err)
{
	struct reader r = reader_from_str(bytes);
	uint64_t attr_size, data_offset, data_size;
	struct str attributes, data;

	reader_skip(&r, PIPE_HEADER_BYTES);
	attr_size = reader_u64(&r);
	attributes = read_section(&r, bytes);
	data_offset = reader_u64(&r);
	data_size = reader_u64(&r);
	reader_skip(&r, SECTION_BYTES);
	if (!reader_ok(&r) || data_offset > bytes.n)
		return error_set(err, ERROR_FORMAT, "its header is cut short");
	if (!read_events(file, attributes, attr_size, bytes, err))
		return false;
	// perf writes the size when it ends.
	file->is_cut = data_size == 0 || data_size > bytes.n - data_offset;
	if (file->is_cut)
		data_size = bytes.n - data_offset;
	data = str_slice(bytes, data_offset, data_offset + data_size);
	if (!file->is_cut)
		read_features(file, &r, str_after(bytes, data_offset + data_size), bytes);
	perf_file_take_records(file, data);
	return true;
}

static int compare_entries(const void *left, const void *right)
{
	const struct perf_file_entry *a = left, *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static bool read_all(struct perf_file *file, struct str bytes, struct error *err)
{
	struct reader r = reader_from_str(bytes);
	uint64_t header_size;

	if (!str_starts_with(bytes, magic))
		return error_set(err, ERROR_FORMAT,
				 "it is of a machine of other byte order, or older than "
				 "2009: use perf script there, and give its output");
	reader_skip(&r, MAGIC_BYTES);
	header_size = reader_u64(&r);
	if (header_size != PIPE_HEADER_BYTES)
		return read_file(file, bytes, err);
	perf_file_take_records(file, str_after(bytes, PIPE_HEADER_BYTES));
	return file->event_count > 0 ||
	       error_set(err, ERROR_FORMAT, "it holds no event and no sample");
}

bool perf_file_open(struct str bytes, struct perf_file *out, struct error *err)
{
	struct perf_file file = { .arch = STR(""), .damage = STR("") };

	if (!read_all(&file, bytes, err)) {
		perf_file_close(&file);
		return false;
	}
	perf_file_name_events(&file);
	if (file.entry_count > 0)
		qsort(file.entries, file.entry_count, sizeof(*file.entries),
		      compare_entries);
	*out = file;
	return true;
}
