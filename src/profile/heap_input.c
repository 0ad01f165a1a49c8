// Rows are "COUNT: BYTES [COUNT: BYTES] @ 0xADDRESS...": in use, then allocated in all.
#include "profile/heap_input.h"

#include "base/error.h"
#include "base/scan.h"
#include "profile/legacy.h"

enum heap_sampling {
	HEAP_EXACT,
	HEAP_SAMPLED, // by bytes, to be undone
};

struct heap_counts {
	int64_t count, size, allocated_count, allocated_size;
};

struct heap_header {
	struct heap_counts total;
	enum heap_sampling sampling;
	int64_t period;
	bool has_allocated; // differing totals, which are worth two more columns
};

struct heap_input {
	struct legacy legacy;
	struct heap_header header;
	uint32_t bytes_key;
};

static bool scan_separator(struct scan *scan, struct str mark)
{
	return scan_blanks(scan) && scan_text(scan, mark) && scan_blanks(scan);
}

static bool scan_counts(struct scan *scan, struct heap_counts *counts)
{
	return scan_i64(scan, &counts->count) && scan_separator(scan, STR(":")) &&
	       scan_i64(scan, &counts->size) && scan_separator(scan, STR("[")) &&
	       scan_i64(scan, &counts->allocated_count) &&
	       scan_separator(scan, STR(":")) &&
	       scan_i64(scan, &counts->allocated_size) && scan_blanks(scan) &&
	       scan_text(scan, STR("]"));
}

static bool has_allocated(const struct heap_counts *total)
{
	return (total->allocated_count != total->count && total->allocated_count != 0) ||
	       (total->allocated_size != total->size && total->allocated_size != 0);
}

// What stands behind "@": who wrote the profile, and how many bytes apart it sampled. Go
// tells twice its rate.
static bool apply_name(struct heap_header *header, struct str name)
{
	ptrdiff_t slash = str_find_char(name, '/');
	int64_t rate = 0;

	if (slash != STR_NOT_FOUND) {
		struct scan scan = scan_from(str_after(name, (size_t)slash + 1));

		(void)scan_i64(&scan, &rate);
		name = str_slice(name, 0, (size_t)slash);
	}
	if (str_equal(name, STR("heap")))
		rate /= 2;
	header->sampling = HEAP_EXACT;
	header->period = 1;
	if (str_equal(name, STR("heap")) || str_equal(name, STR("heap_v2")) ||
	    str_equal(name, STR("heapz_v2"))) {
		header->sampling = HEAP_SAMPLED;
		header->period = rate;
		return true;
	}
	if (str_equal(name, STR("heapprofile")))
		return true;
	// These do not tell what was freed meanwhile.
	header->has_allocated = false;
	return str_starts_with(name, STR("growth")) ||
	       str_starts_with(name, STR("fragmentation"));
}

// "heap profile: TOTAL @ NAME/RATE", perhaps behind other words.
static bool parse_header(struct str line, struct heap_header *header)
{
	static const struct str start = STR("heap profile:");
	ptrdiff_t at = str_find(line, start);
	struct scan scan;
	struct str name;

	*header = (struct heap_header){ 0 };
	if (at == STR_NOT_FOUND)
		return false;
	scan = scan_from(str_after(line, (size_t)at + start.n));
	if (!scan_blanks(&scan) || !scan_counts(&scan, &header->total) ||
	    !scan_separator(&scan, STR("@")) || !scan_word(&scan, &name))
		return false;
	header->has_allocated = has_allocated(&header->total);
	return apply_name(header, name);
}

// jemalloc begins with "heap_v2/RATE".
static bool parse_jemalloc_header(struct str line, struct heap_header *header)
{
	struct scan scan = scan_from(line);

	*header = (struct heap_header){ .sampling = HEAP_SAMPLED };
	return scan_text(&scan, STR("heap_v2/")) && scan_i64(&scan, &header->period) &&
	       header->period >= 0 && scan.rest.n == 0;
}

static struct str first_line(struct str bytes)
{
	struct lines lines = { .rest = bytes };

	(void)lines_next(&lines);
	return lines.line;
}

bool heap_input_is_likely(struct str bytes)
{
	struct heap_header header;
	struct str line = first_line(bytes);

	return parse_header(line, &header) || parse_jemalloc_header(line, &header);
}

static void add_types(struct heap_input *input)
{
	struct profile_builder *builder = &input->legacy.builder;

	// What is in use comes last, since the last type is the one shown first.
	if (input->header.has_allocated) {
		profile_builder_add_type(builder, STR("alloc_objects"), STR("count"));
		profile_builder_add_type(builder, STR("alloc_space"), STR("bytes"));
		profile_builder_add_type(builder, STR("inuse_objects"), STR("count"));
		profile_builder_add_type(builder, STR("inuse_space"), STR("bytes"));
	} else {
		profile_builder_add_type(builder, STR("objects"), STR("count"));
		profile_builder_add_type(builder, STR("space"), STR("bytes"));
	}
	legacy_set_period(&input->legacy, STR("space"), STR("bytes"),
			  input->header.period);
	input->bytes_key = profile_intern(input->legacy.profile, STR("bytes"));
}

// Estimates what was allocated from what was sampled; `block` becomes the mean size of a
// sampled block.
static bool estimate(const struct heap_header *header, int64_t *count, int64_t *size,
		     int64_t *block)
{
	if (*count == 0)
		return *size == 0;
	// The division that has no result in 64 bits.
	*block = *count == -1 ? (int64_t)(0 - (uint64_t)*size) : *size / *count;
	if (header->sampling == HEAP_SAMPLED)
		legacy_unsample(count, size, header->period);
	return true;
}

static bool add_sample(struct heap_input *input, struct heap_counts counts,
		       struct error *err)
{
	const struct heap_header *header = &input->header;
	struct profile_label label = { .key = input->bytes_key };
	int64_t values[4];

	if (header->has_allocated && !estimate(header, &counts.allocated_count,
					       &counts.allocated_size, &label.number))
		return legacy_fail(&input->legacy, "bytes were allocated by no objects",
				   err);
	if (!estimate(header, &counts.count, &counts.size, &label.number))
		return legacy_fail(&input->legacy, "bytes are in use by no objects", err);
	values[0] = counts.allocated_count;
	values[1] = counts.allocated_size;
	values[2] = counts.count;
	values[3] = counts.size;
	legacy_append(&input->legacy, &label, 1,
		      values + (header->has_allocated ? 0 : 2));
	return true;
}

static bool read_row(struct heap_input *input, struct str line, struct error *err)
{
	struct legacy *legacy = &input->legacy;
	struct scan scan = scan_from(line);
	struct heap_counts counts;

	legacy_start_row(legacy);
	if (!scan_counts(&scan, &counts) || !scan_separator(&scan, STR("@")))
		return legacy_fail(legacy, "is no row of counts, bytes and addresses",
				   err);
	if (!legacy_push_all(legacy, scan.rest, LEGACY_CALLS))
		return legacy_fail(legacy, "an address has more than 64 bits", err);
	return add_sample(input, counts, err);
}

static bool read_rows(struct heap_input *input, struct error *err)
{
	struct lines *lines = &input->legacy.lines;

	add_types(input);
	while (lines_next(lines)) {
		struct str line = str_trim(lines->line);

		if (legacy_is_maps_start(line))
			return true;
		if (str_starts_with(line, STR("#")))
			legacy_name_frame(&input->legacy, line);
		else if (line.n > 0 && !read_row(input, line, err))
			return false;
	}
	return true;
}

// "t*: COUNTS" of all threads together; those of single threads are parts of it.
static bool parse_all_threads(struct str line, struct heap_counts *counts)
{
	struct scan scan = scan_from(str_trim(line));

	return scan_text(&scan, STR("t*:")) && scan_blanks(&scan) &&
	       scan_counts(&scan, counts);
}

// jemalloc writes the totals, then for each stack "@ 0xADDRESS..." and its counts.
static bool read_jemalloc_rows(struct heap_input *input, struct error *err)
{
	struct legacy *legacy = &input->legacy;
	struct lines *lines = &legacy->lines;
	struct heap_counts counts = { 0 };
	bool has_stack = false;

	while (lines_next(lines) && !parse_all_threads(lines->line, &counts) &&
	       !legacy_is_maps_start(lines->line))
		;
	input->header.has_allocated = has_allocated(&counts);
	add_types(input);
	while (!legacy_is_maps_start(lines->line) && lines_next(lines)) {
		struct str line = str_trim(lines->line);

		if (str_starts_with(line, STR("@"))) {
			legacy_start_row(legacy);
			has_stack = true;
			if (!legacy_push_all(legacy, line, LEGACY_CALLS))
				return legacy_fail(
					legacy, "an address has more than 64 bits", err);
		} else if (has_stack && parse_all_threads(line, &counts)) {
			has_stack = false;
			if (!add_sample(input, counts, err))
				return false;
		}
	}
	return true;
}

bool heap_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct heap_input input = { 0 };
	struct str line;
	bool is_ok;

	legacy_init(&input.legacy, bytes);
	(void)lines_next(&input.legacy.lines);
	line = input.legacy.lines.line;
	if (parse_header(line, &input.header))
		is_ok = read_rows(&input, err);
	else if (parse_jemalloc_header(line, &input.header))
		is_ok = read_jemalloc_rows(&input, err);
	else
		is_ok = legacy_fail(&input.legacy, "is no header of a heap profile", err);
	if (is_ok)
		legacy_finish(&input.legacy, out);
	legacy_deinit(&input.legacy);
	return is_ok;
}
