// Five words of header, records of a count and a stack, then text: mappings or, of Java,
// names.
#include "profile/cpu_input.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/reader.h"
#include "profile/java_names.h"
#include "profile/legacy.h"

// How the words lie.
struct word_layout {
	size_t size;
	bool is_big_endian;
};

// In the order pprof tries them.
static const struct word_layout layouts[] = {
	{ 4, false },
	{ 4, true },
	{ 8, false },
	{ 8, true },
};

enum cpu_language { CPU_NATIVE = 0, CPU_JAVA = 1 };

struct cpu_header {
	struct word_layout layout;
	enum cpu_language language;
	uint64_t period_us;
};

// A record; its addresses are [first, first + depth) of the table.
struct cpu_record {
	uint64_t count;
	size_t first, depth;
};

struct cpu_input {
	struct legacy legacy;
	struct cpu_header header;
	uint64_t *addresses;
	size_t address_count, address_capacity;
	struct cpu_record *records;
	size_t record_count, record_capacity;
};

static uint64_t read_word(struct reader *r, struct word_layout layout)
{
	const uint8_t *bytes = reader_bytes(r, layout.size);
	uint64_t word = 0;

	for (size_t i = 0; bytes != NULL && i < layout.size; i++)
		word = word << 8 | bytes[layout.is_big_endian ? i : layout.size - 1 - i];
	return word;
}

// Words 0, 3, the language, the period in microseconds, 0.
static bool read_header(struct reader *r, struct cpu_header *header)
{
	const struct reader start = *r;

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		uint64_t words[5];

		*r = start;
		for (size_t k = 0; k < 5; k++)
			words[k] = read_word(r, layouts[i]);
		if (!reader_ok(r) || words[0] != 0 || words[1] != 3 || words[2] > 1 ||
		    words[3] == 0 || words[4] != 0)
			continue;
		*header = (struct cpu_header){
			.layout = layouts[i],
			.language = words[2] == 1 ? CPU_JAVA : CPU_NATIVE,
			.period_us = words[3],
		};
		return true;
	}
	return false;
}

bool cpu_input_is_likely(struct str bytes)
{
	struct reader r = reader_from_str(bytes);
	struct cpu_header header;

	return read_header(&r, &header);
}

static void read_stack(struct cpu_input *input, struct reader *r, uint64_t count,
		       uint64_t depth)
{
	struct cpu_record record = { count, input->address_count, depth };

	input->addresses =
		table_reserve(input->addresses, &input->address_capacity,
			      input->address_count + depth, sizeof(*input->addresses));
	for (uint64_t i = 0; i < depth; i++) {
		uint64_t address = read_word(r, input->header.layout);

		// Behind the leaf they are return addresses. Java's are no addresses at
		// all but numbers of names.
		if (i > 0 && input->header.language == CPU_NATIVE)
			address--;
		input->addresses[input->address_count++] = address;
	}
	input->records = table_reserve(input->records, &input->record_capacity,
				       input->record_count + 1, sizeof(*input->records));
	input->records[input->record_count++] = record;
}

// Up to the record 0, 1, 0 that ends them, or the end of the file.
static bool read_records(struct cpu_input *input, struct reader *r, struct error *err)
{
	struct word_layout layout = input->header.layout;

	while (reader_left(r) > 0) {
		size_t offset = reader_offset(r);
		uint64_t count = read_word(r, layout);
		uint64_t depth = read_word(r, layout);

		if (!reader_ok(r) || depth > reader_left(r) / layout.size)
			return error_set(err, ERROR_FORMAT,
					 "the record at offset %zu is cut off", offset);
		read_stack(input, r, count, depth);
		if (count == 0 && depth == 1 &&
		    input->addresses[input->address_count - 1] == 0) {
			input->record_count--;
			break;
		}
	}
	return true;
}

// The second frame of all but a few records, if there is such a one.
static bool find_common_frame(const struct cpu_input *input, uint64_t *address)
{
	enum { EQUAL_PER_OTHER = 32 };
	size_t needed = input->record_count - input->record_count / EQUAL_PER_OTHER;
	size_t lead = 0, count = 0;

	// A frame that more than half have survives pairwise cancelling.
	for (size_t i = 0; i < input->record_count; i++) {
		const struct cpu_record *record = &input->records[i];
		uint64_t second;

		if (record->depth < 2)
			continue;
		second = input->addresses[record->first + 1];
		if (lead == 0)
			*address = second;
		lead = lead == 0 || second == *address ? lead + 1 : lead - 1;
	}
	for (size_t i = 0; i < input->record_count; i++) {
		const struct cpu_record *record = &input->records[i];

		count += record->depth > 1 &&
			 input->addresses[record->first + 1] == *address;
	}
	return count > 0 && count >= needed;
}

static void drop_second_frame(struct cpu_input *input, uint64_t address)
{
	for (size_t i = 0; i < input->record_count; i++) {
		struct cpu_record *record = &input->records[i];
		uint64_t *stack = &input->addresses[record->first];

		if (record->depth < 2 || stack[1] != address)
			continue;
		record->depth--;
		stack[1] = stack[0];
		record->first++;
	}
}

// A frame that nearly all stacks have beneath their leaf is the signal's, not the
// program's. There may be two.
static void drop_signal_frames(struct cpu_input *input)
{
	uint64_t address = 0;

	for (int i = 0; i < 2 && find_common_frame(input, &address); i++)
		drop_second_frame(input, address);
}

static void add_samples(struct cpu_input *input)
{
	struct legacy *legacy = &input->legacy;
	const struct profile *profile = legacy->profile;
	uint64_t period = (uint64_t)profile->period;

	for (size_t i = 0; i < input->record_count; i++) {
		const struct cpu_record *record = &input->records[i];

		legacy_start_row(legacy);
		for (size_t k = 0; k < record->depth; k++)
			legacy_push(legacy, input->addresses[record->first + k]);
		if (input->header.language == CPU_NATIVE)
			legacy_drop_doubled_leaf(legacy);
		legacy_append(legacy, NULL, 0,
			      (int64_t[]){ (int64_t)record->count,
					   (int64_t)(record->count * period) });
	}
}

static void build(struct cpu_input *input)
{
	struct legacy *legacy = &input->legacy;

	profile_builder_add_type(&legacy->builder, STR("samples"), STR("count"));
	profile_builder_add_type(&legacy->builder, STR("cpu"), STR("nanoseconds"));
	legacy_set_period(legacy, STR("cpu"), STR("nanoseconds"),
			  (int64_t)(input->header.period_us * 1000));
	if (input->header.language == CPU_NATIVE)
		drop_signal_frames(input);
	add_samples(input);
}

static bool read_all(struct cpu_input *input, struct reader *r, struct profile **out,
		     struct error *err)
{
	if (!read_header(r, &input->header))
		return error_set(err, ERROR_FORMAT, "it has no header");
	if (!read_records(input, r, err))
		return false;
	build(input);
	input->legacy.lines.rest = (struct str){ (const char *)r->p, reader_left(r) };
	if (input->header.language == CPU_JAVA)
		java_names_finish(&input->legacy, out);
	else
		legacy_finish_maps(&input->legacy, out);
	return true;
}

bool cpu_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct cpu_input input = { 0 };
	struct reader r = reader_from_str(bytes);
	bool is_ok;

	legacy_init(&input.legacy, STR(""));
	is_ok = read_all(&input, &r, out, err);
	legacy_deinit(&input.legacy);
	free(input.addresses);
	free(input.records);
	return is_ok;
}
