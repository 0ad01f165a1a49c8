// Each thread is a heading and the addresses of its stack in the lines beneath.
#include "profile/thread_input.h"

#include "base/error.h"
#include "base/scan.h"
#include "profile/legacy.h"

static bool is_comment(struct str line)
{
	line = str_trim(line);
	return line.n == 0 || line.p[0] == '#';
}

static bool is_start(struct str line)
{
	struct scan scan = scan_from(line);
	int64_t number;

	return scan_text(&scan, STR("--- threadz ")) && scan_i64(&scan, &number) &&
	       scan_text(&scan, STR(" ---"));
}

// "--- Thread 7f00 (name: main/1234) stack: ---"
static bool is_thread(struct str line)
{
	struct scan scan = scan_from(line);
	uint64_t id;

	return scan_text(&scan, STR("--- Thread ")) && scan_hex(&scan, &id) &&
	       scan_text(&scan, STR(" (name: ")) &&
	       str_find(scan.rest, STR(") stack: ---")) != STR_NOT_FOUND;
}

bool thread_input_is_likely(struct str bytes)
{
	struct lines lines = { .rest = bytes };

	while (lines_next(&lines) && is_comment(lines.line))
		;
	return is_start(lines.line) || is_thread(lines.line);
}

// Reads the lines of one thread, up to the heading behind it.
static bool read_thread(struct legacy *legacy, struct error *err)
{
	struct profile *profile = legacy->profile;
	bool is_same = false;

	legacy_start_row(legacy);
	while (lines_next(&legacy->lines)) {
		struct str line = str_trim(legacy->lines.line);

		if (str_starts_with(line, STR("---")))
			break;
		if (str_find(line, STR("same as previous thread")) != STR_NOT_FOUND)
			is_same = true;
		else if (!legacy_push_all(legacy, line, LEGACY_LEAF_EXACT))
			return legacy_fail(legacy, "an address has more than 64 bits",
					   err);
	}
	if (!is_same && legacy->depth > 0) {
		legacy_drop_doubled_leaf(legacy);
		legacy_append(legacy, NULL, 0, &(int64_t){ 1 });
	} else if (profile->sample_count > 0) {
		profile->sample_values[profile->sample_count - 1]++;
	}
	return true;
}

static bool read_threads(struct legacy *legacy, struct error *err)
{
	struct lines *lines = &legacy->lines;

	profile_builder_add_type(&legacy->builder, STR("thread"), STR("count"));
	legacy_set_period(legacy, STR("thread"), STR("count"), 1);
	while (lines_next(lines) && is_comment(lines->line))
		;
	if (is_start(lines->line)) {
		while (lines_next(lines) && !str_starts_with(lines->line, STR("-")) &&
		       !legacy_is_maps_start(lines->line))
			;
	}
	while (lines->line.n > 0 && !legacy_is_maps_start(lines->line) &&
	       !str_starts_with(lines->line, STR("---- no stack trace for"))) {
		if (!is_thread(lines->line))
			return legacy_fail(legacy, "is no heading of a thread", err);
		if (!read_thread(legacy, err))
			return false;
	}
	return true;
}

bool thread_input_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct legacy legacy;
	bool is_ok;

	legacy_init(&legacy, bytes);
	is_ok = read_threads(&legacy, err);
	if (is_ok)
		legacy_finish(&legacy, out);
	legacy_deinit(&legacy);
	return is_ok;
}
