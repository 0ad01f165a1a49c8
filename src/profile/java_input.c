// Attributes "name = value", rows "BYTES OBJECTS @ 0xNUMBER...", then the names.
#include "profile/java_input.h"

#include "base/error.h"
#include "base/scan.h"
#include "profile/java_names.h"
#include "profile/legacy.h"

enum java_kind { JAVA_HEAP, JAVA_CONTENTION };

struct java_input {
	struct legacy legacy;
	enum java_kind kind;
	struct str resolution; // the unit of the second value; "" until it is told
	uint32_t bytes_key;
};

static bool parse_kind(struct str line, enum java_kind *kind)
{
	line = str_trim(line);
	*kind = str_equal(line, STR("--- heapz 1 ---")) ? JAVA_HEAP : JAVA_CONTENTION;
	return *kind == JAVA_HEAP || str_equal(line, STR("--- contentionz 1 ---"));
}

// Splits "name = value"; false for a row.
static bool split_attribute(struct str line, struct str *key, struct str *value)
{
	ptrdiff_t equals = str_find_char(line, '=');

	if (equals == STR_NOT_FOUND || str_find_char(line, '@') != STR_NOT_FOUND)
		return false;
	*key = str_trim(str_slice(line, 0, (size_t)equals));
	*value = str_trim(str_after(line, (size_t)equals + 1));
	return true;
}

// C++ writes pages of the same name, but without these attributes.
bool java_input_is_likely(struct str bytes)
{
	enum { LINES_TO_TRY = 16 };
	struct lines lines = { .rest = bytes };
	enum java_kind kind;
	struct str key, value;

	if (!lines_next(&lines) || !parse_kind(lines.line, &kind))
		return false;
	while (lines.number < LINES_TO_TRY && lines_next(&lines)) {
		if (split_attribute(str_trim(lines.line), &key, &value) &&
		    (str_equal(key, STR("format")) || str_equal(key, STR("resolution"))))
			return true;
	}
	return false;
}

static bool apply_attribute(struct java_input *input, struct str key, struct str value,
			    struct error *err)
{
	struct legacy *legacy = &input->legacy;
	int64_t number;

	if (str_equal(key, STR("format")))
		return str_equal(value, STR("java")) ||
		       legacy_fail(legacy, "the format is not java", err);
	if (str_equal(key, STR("resolution"))) {
		input->resolution = value;
		return true;
	}
	if (input->kind == JAVA_HEAP || !str_to_i64(value, 0, &number))
		return legacy_fail(legacy, "an attribute is unknown or no number", err);
	if (str_equal(key, STR("sampling period")))
		legacy_set_period(legacy, STR("contentions"), STR("count"), number);
	else if (str_equal(key, STR("ms since reset")))
		legacy->profile->duration_ns = (int64_t)((uint64_t)number * 1000000);
	else
		return legacy_fail(legacy, "an attribute is unknown", err);
	return true;
}

// Stops at the first line that is no attribute.
static bool read_attributes(struct java_input *input, struct error *err)
{
	struct str key, value;

	while (lines_next(&input->legacy.lines)) {
		struct str line = str_trim(input->legacy.lines.line);

		if (line.n == 0)
			continue;
		if (!split_attribute(line, &key, &value))
			return true;
		if (!apply_attribute(input, key, value, err))
			return false;
	}
	return true;
}

static bool scale(struct java_input *input, int64_t values[2],
		  struct profile_label *label, struct error *err)
{
	enum { BYTES_PER_SAMPLE = 512 * 1024 };
	uint64_t period = (uint64_t)input->legacy.profile->period;

	switch (input->kind) {
	case JAVA_HEAP:
		if (values[0] <= 0)
			return legacy_fail(&input->legacy, "a row has no objects", err);
		label->number = values[1] / values[0];
		legacy_unsample(&values[0], &values[1], BYTES_PER_SAMPLE);
		break;
	case JAVA_CONTENTION:
		if (period == 0)
			break;
		values[0] = (int64_t)((uint64_t)values[0] * period);
		values[1] = (int64_t)((uint64_t)values[1] * period);
		break;
	}
	return true;
}

enum row_result { ROW_READ, ROW_NONE, ROW_BAD };

static enum row_result read_row(struct java_input *input, struct str line,
				struct error *err)
{
	struct legacy *legacy = &input->legacy;
	struct scan scan = scan_from(line);
	struct profile_label label = { .key = input->bytes_key };
	int64_t values[2];

	if (!scan_i64(&scan, &values[1]) || !scan_blanks(&scan) ||
	    !scan_i64(&scan, &values[0]) || !scan_blanks(&scan) ||
	    !scan_text(&scan, STR("@")))
		return ROW_NONE;
	legacy_start_row(legacy);
	if (!legacy_push_all(legacy, scan.rest, LEGACY_EXACT)) {
		(void)legacy_fail(legacy, "an address has more than 64 bits", err);
		return ROW_BAD;
	}
	if (!scale(input, values, &label, err))
		return ROW_BAD;
	legacy_append(legacy, &label, input->kind == JAVA_HEAP, values);
	return ROW_READ;
}

static void add_types(struct java_input *input)
{
	struct profile_builder *builder = &input->legacy.builder;

	if (input->kind == JAVA_HEAP) {
		profile_builder_add_type(builder, STR("inuse_objects"), STR("count"));
		profile_builder_add_type(builder, STR("inuse_space"), input->resolution);
		input->bytes_key = profile_intern(input->legacy.profile, STR("bytes"));
	} else {
		profile_builder_add_type(builder, STR("contentions"), STR("count"));
		profile_builder_add_type(builder, STR("delay"), input->resolution);
	}
}

// The first name ends the rows and is to be read again.
static void unread_line(struct lines *lines)
{
	size_t size = (size_t)(lines->rest.p - lines->line.p);

	lines->rest = (struct str){ lines->line.p, size + lines->rest.n };
	lines->number--;
}

static bool read_all(struct java_input *input, struct profile **out, struct error *err)
{
	struct lines *lines = &input->legacy.lines;

	if (!lines_next(lines) || !parse_kind(lines->line, &input->kind))
		return legacy_fail(&input->legacy, "is no header of Java's", err);
	if (!read_attributes(input, err))
		return false;
	if (input->resolution.n == 0)
		return legacy_fail(&input->legacy, "no resolution is told above", err);
	add_types(input);
	do {
		struct str line = str_trim(lines->line);
		enum row_result result =
			line.n == 0 ? ROW_READ : read_row(input, line, err);

		if (result == ROW_BAD)
			return false;
		if (result == ROW_NONE) {
			unread_line(lines);
			break;
		}
	} while (lines_next(lines));
	java_names_finish(&input->legacy, out);
	return true;
}

bool java_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct java_input input = { 0 };
	bool is_ok;

	legacy_init(&input.legacy, bytes);
	is_ok = read_all(&input, out, err);
	legacy_deinit(&input.legacy);
	return is_ok;
}
