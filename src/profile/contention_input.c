// Attributes "name = value", then rows "DELAY COUNT @ 0xADDRESS...".
#include "profile/contention_input.h"

#include "base/error.h"
#include "base/scan.h"
#include "profile/legacy.h"

struct contention_input {
	struct legacy legacy;
	int64_t cycles_per_second, period;
};

bool contention_input_is_likely(struct str bytes)
{
	return str_starts_with(bytes, STR("--- contentionz ")) ||
	       str_starts_with(bytes, STR("--- mutex:")) ||
	       str_starts_with(bytes, STR("--- contention:"));
}

static bool is_comment(struct str line)
{
	return line.n == 0 || line.p[0] == '#';
}

static int64_t product(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a * (uint64_t)b);
}

static bool apply_attribute(struct contention_input *input, struct str key,
			    struct str value, struct error *err)
{
	int64_t number;

	if (str_equal(key, STR("discarded samples")))
		return true;
	if (!str_to_i64(value, 0, &number))
		return legacy_fail(&input->legacy, "an attribute is no number", err);
	if (str_equal(key, STR("cycles/second")))
		input->cycles_per_second = number;
	else if (str_equal(key, STR("sampling period")))
		input->period = number;
	else if (str_equal(key, STR("ms since reset")))
		input->legacy.profile->duration_ns = product(number, 1000000);
	else
		return legacy_fail(&input->legacy, "an attribute is unknown", err);
	return true;
}

// Stops at the first line that is no attribute.
static bool read_attributes(struct contention_input *input, struct error *err)
{
	struct lines *lines = &input->legacy.lines;

	while (lines_next(lines)) {
		struct str line = str_trim(lines->line);
		ptrdiff_t equals = str_find_char(line, '=');

		if (is_comment(line))
			continue;
		if (str_starts_with(line, STR("---")) || equals == STR_NOT_FOUND)
			return true;
		if (!apply_attribute(input, str_trim(str_slice(line, 0, (size_t)equals)),
				     str_trim(str_after(line, (size_t)equals + 1)), err))
			return false;
	}
	return true;
}

static bool read_row(struct contention_input *input, struct str line, struct error *err)
{
	struct legacy *legacy = &input->legacy;
	struct scan scan = scan_from(line);
	int64_t delay, count;

	legacy_start_row(legacy);
	if (!scan_i64(&scan, &delay) || !scan_blanks(&scan) || !scan_i64(&scan, &count) ||
	    !scan_text(&scan, STR(" @")))
		return legacy_fail(legacy, "is no row of a delay, a count and addresses",
				   err);
	if (!legacy_push_all(legacy, scan.rest, LEGACY_CALLS))
		return legacy_fail(legacy, "an address has more than 64 bits", err);
	if (input->period > 0) {
		if (input->cycles_per_second > 0)
			delay = legacy_truncate((double)delay * (double)input->period /
						((double)input->cycles_per_second / 1e9));
		count = product(count, input->period);
	}
	legacy_append(legacy, NULL, 0, (int64_t[]){ count, delay });
	return true;
}

static bool read_rows(struct contention_input *input, struct error *err)
{
	struct lines *lines = &input->legacy.lines;

	if (!read_attributes(input, err))
		return false;
	profile_builder_add_type(&input->legacy.builder, STR("contentions"),
				 STR("count"));
	profile_builder_add_type(&input->legacy.builder, STR("delay"),
				 STR("nanoseconds"));
	legacy_set_period(&input->legacy, STR("contentions"), STR("count"),
			  input->period);
	do {
		struct str line = str_trim(lines->line);

		if (str_starts_with(line, STR("---")))
			return true;
		if (is_comment(line))
			legacy_name_frame(&input->legacy, line);
		else if (!read_row(input, line, err))
			return false;
	} while (lines_next(lines));
	return true;
}

bool contention_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct contention_input input = { .period = 1 };
	bool is_ok;

	legacy_init(&input.legacy, bytes);
	(void)lines_next(&input.legacy.lines);
	is_ok = read_rows(&input, err);
	if (is_ok)
		legacy_finish(&input.legacy, out);
	legacy_deinit(&input.legacy);
	return is_ok;
}
