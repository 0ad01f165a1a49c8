// Rows are "N @ 0xADDRESS...", with labels and names in comments beneath.
#include "profile/count_input.h"

#include "base/error.h"
#include "base/scan.h"
#include "profile/go_labels.h"
#include "profile/legacy.h"

// A row is a sample once the next one begins, when its labels are known.
struct count_input {
	struct legacy legacy;
	bool has_row;
	int64_t value;
	struct profile_label labels[GO_LABELS_LIMIT];
	size_t label_count;
};

static bool is_comment(struct str line)
{
	line = str_trim(line);
	return line.n == 0 || line.p[0] == '#';
}

// "TYPE profile: total N" in the first line that is no comment.
static bool read_header(struct lines *lines, struct str *type)
{
	struct scan scan;
	int64_t total;

	while (lines_next(lines) && is_comment(lines->line))
		;
	scan = scan_from(lines->line);
	return scan_word(&scan, type) && scan_text(&scan, STR(" profile: total ")) &&
	       scan_i64(&scan, &total) && scan.rest.n == 0;
}

bool count_input_is_likely(struct str bytes)
{
	struct lines lines = { .rest = bytes };
	struct str type;

	return read_header(&lines, &type);
}

static void end_row(struct count_input *input)
{
	if (input->has_row)
		legacy_append(&input->legacy, input->labels, input->label_count,
			      &input->value);
	input->has_row = false;
	input->label_count = 0;
}

static bool read_row(struct count_input *input, struct str line, struct error *err)
{
	struct legacy *legacy = &input->legacy;
	struct scan scan = scan_from(line);

	end_row(input);
	legacy_start_row(legacy);
	if (!scan_i64(&scan, &input->value) || input->value < 0 ||
	    !scan_text(&scan, STR(" @")))
		return legacy_fail(legacy, "is no row of a count and addresses", err);
	if (!legacy_push_all(legacy, scan.rest, LEGACY_CALLS))
		return legacy_fail(legacy, "an address has more than 64 bits", err);
	input->has_row = true;
	return true;
}

static void read_comment(struct count_input *input, struct str line)
{
	static const struct str labels = STR("# labels:");

	if (str_starts_with(line, labels))
		input->label_count = go_labels_read(
			input->legacy.profile, str_after(line, labels.n), input->labels);
	else
		legacy_name_frame(&input->legacy, line);
}

static bool read_rows(struct count_input *input, struct error *err)
{
	struct lines *lines = &input->legacy.lines;
	struct str type = STR("");

	if (!read_header(lines, &type))
		return legacy_fail(&input->legacy, "has no total", err);
	profile_builder_add_type(&input->legacy.builder, type, STR("count"));
	legacy_set_period(&input->legacy, type, STR("count"), 1);
	while (lines_next(lines) && !str_starts_with(lines->line, STR("---"))) {
		if (is_comment(lines->line))
			read_comment(input, lines->line);
		else if (!read_row(input, lines->line, err))
			return false;
	}
	end_row(input);
	return true;
}

bool count_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct count_input input = { 0 };
	bool is_ok;

	legacy_init(&input.legacy, bytes);
	is_ok = read_rows(&input, err);
	if (is_ok)
		legacy_finish(&input.legacy, out);
	legacy_deinit(&input.legacy);
	return is_ok;
}
