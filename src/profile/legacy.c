// Rows of addresses into samples, and the names beneath them.
#include "profile/legacy.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/scan.h"
#include "profile/legacy_drop.h"
#include "profile/legacy_mapping.h"
#include "profile/legacy_maps.h"

void legacy_init(struct legacy *legacy, struct str bytes)
{
	*legacy = (struct legacy){
		.profile = profile_create(),
		.lines = { .rest = bytes },
	};
	profile_builder_init(&legacy->builder, legacy->profile);
	frames_init(&legacy->frames, &legacy->builder);
}

void legacy_deinit(struct legacy *legacy)
{
	frames_deinit(&legacy->frames);
	profile_builder_deinit(&legacy->builder);
	profile_destroy(legacy->profile);
	free(legacy->stack);
	free(legacy->named);
	free(legacy->hidden);
	*legacy = (struct legacy){ 0 };
}

void legacy_set_period(struct legacy *legacy, struct str type, struct str unit,
		       int64_t period)
{
	struct profile *profile = legacy->profile;

	profile->period_type = (struct profile_value_type){
		profile_intern(profile, type),
		profile_intern(profile, unit),
	};
	profile->period = period;
}

static struct profile_location *location_at(const struct legacy *legacy, size_t depth)
{
	return &legacy->profile->locations[legacy->stack[depth]];
}

// How many frames in a row from named_depth on have the same address.
static size_t count_equal(const struct legacy *legacy)
{
	size_t from = legacy->named_depth, depth = from + 1;

	while (depth < legacy->depth && legacy->stack[depth] == legacy->stack[from])
		depth++;
	return depth - from;
}

// Gives the frame at named_depth the names gathered for it: those of one turn where the
// address recurs. Equal addresses have equal names, so the first row that has some
// counts.
static void flush_names(struct legacy *legacy)
{
	size_t turns, count;

	if (legacy->named_count == 0)
		return;
	turns = count_equal(legacy);
	count = legacy->named_count / turns;
	if (location_at(legacy, legacy->named_depth)->line_count == 0)
		profile_builder_set_lines(&legacy->builder,
					  legacy->stack[legacy->named_depth],
					  legacy->named, count > 0 ? count : 1);
	legacy->named_depth += turns - 1;
	legacy->named_count = 0;
}

// Go never prints runtime.goexit, where every goroutine begins. It does print all else
// above the first frame it prints, so that the last frame can be nothing but that.
static void name_outermost(struct legacy *legacy)
{
	struct profile_line line = { 0 };

	if (legacy->depth < 2 || legacy->named_depth != legacy->depth - 2 ||
	    location_at(legacy, legacy->depth - 2)->line_count == 0 ||
	    location_at(legacy, legacy->depth - 1)->line_count != 0)
		return;
	line.function = frames_function(&legacy->frames, STR("runtime.goexit"), STR(""));
	profile_builder_set_lines(&legacy->builder, legacy->stack[legacy->depth - 1],
				  &line, 1);
}

// Go does not print the frames of its runtime above the first other one. Another row may
// name them, so they wait for the end.
static void remember_hidden(struct legacy *legacy, size_t depth)
{
	for (size_t i = 0; i < depth; i++) {
		if (location_at(legacy, i)->line_count > 0)
			continue;
		legacy->hidden =
			table_reserve(legacy->hidden, &legacy->hidden_capacity,
				      legacy->hidden_count + 1, sizeof(*legacy->hidden));
		legacy->hidden[legacy->hidden_count++] = legacy->stack[i];
	}
}

static void name_hidden(struct legacy *legacy)
{
	struct profile_line line = { 0 };

	if (legacy->hidden_count == 0)
		return;
	line.function =
		frames_function(&legacy->frames, STR("runtime.(hidden)"), STR(""));
	for (size_t i = 0; i < legacy->hidden_count; i++) {
		uint32_t location = legacy->hidden[i];

		if (legacy->profile->locations[location].line_count == 0)
			profile_builder_set_lines(&legacy->builder, location, &line, 1);
	}
}

static void end_row(struct legacy *legacy)
{
	if (legacy->named_count == 0)
		return;
	flush_names(legacy);
	name_outermost(legacy);
}

void legacy_start_row(struct legacy *legacy)
{
	end_row(legacy);
	legacy->depth = 0;
	legacy->named_depth = 0;
}

void legacy_push(struct legacy *legacy, uint64_t address)
{
	legacy->stack = table_reserve(legacy->stack, &legacy->capacity, legacy->depth + 1,
				      sizeof(*legacy->stack));
	legacy->stack[legacy->depth++] =
		profile_builder_location(&legacy->builder, PROFILE_NONE, address);
}

bool legacy_push_all(struct legacy *legacy, struct str text, enum legacy_adjust adjust)
{
	struct scan scan = scan_from(text);
	ptrdiff_t at;
	uint64_t address;

	while ((at = str_find(scan.rest, STR("0x"))) != STR_NOT_FOUND) {
		scan_skip(&scan, (size_t)at + 2);
		if (!scan_is_hex(scan_peek(&scan)))
			continue;
		if (!scan_hex(&scan, &address))
			return false;
		if (adjust == LEGACY_CALLS ||
		    (adjust == LEGACY_LEAF_EXACT && legacy->depth > 0))
			address--;
		legacy_push(legacy, address);
	}
	return true;
}

void legacy_drop_doubled_leaf(struct legacy *legacy)
{
	if (legacy->depth < 2 ||
	    location_at(legacy, 0)->address != location_at(legacy, 1)->address + 1)
		return;
	legacy->depth--;
	memmove(legacy->stack + 1, legacy->stack + 2,
		(legacy->depth - 1) * sizeof(*legacy->stack));
}

// The frame with that address at or above the one named last. Go hides only few.
static bool find_frame(const struct legacy *legacy, uint64_t address, size_t *depth)
{
	enum { FRAMES_TO_TRY = 256 };

	for (size_t i = 0; i < FRAMES_TO_TRY && *depth < legacy->depth; i++) {
		if (location_at(legacy, *depth)->address == address)
			return true;
		(*depth)++;
	}
	return false;
}

// Splits "file:line"; the line is 0 where there is none.
static struct str split_file(struct str text, int64_t *line)
{
	ptrdiff_t colon = str_find_last_char(text, ':');

	*line = 0;
	if (colon != STR_NOT_FOUND &&
	    str_to_i64(str_after(text, (size_t)colon + 1), 10, line))
		return str_slice(text, 0, (size_t)colon);
	return text;
}

// Without the "+0x1f" behind it.
static struct str function_name(struct str text)
{
	ptrdiff_t plus = str_find_last_char(text, '+');

	return str_trim(plus == STR_NOT_FOUND ? text : str_slice(text, 0, (size_t)plus));
}

void legacy_name_frame(struct legacy *legacy, struct str line)
{
	struct scan scan = scan_from(line);
	struct profile_line row = { 0 };
	size_t depth = legacy->named_depth;
	uint64_t address;
	struct str name, file;
	ptrdiff_t tab;

	if (!scan_text(&scan, STR("#")) || !scan_blanks(&scan) ||
	    !scan_text(&scan, STR("0x")) || !scan_hex(&scan, &address) ||
	    !scan_blanks(&scan) || scan.rest.n == 0)
		return;
	// Lines of one address are the inlined functions there; the first of a row starts
	// at its leaf, each other one behind the frame before.
	if (legacy->named_count > 0 && location_at(legacy, depth)->address != address) {
		flush_names(legacy);
		depth = legacy->named_depth + 1;
	}
	if (!find_frame(legacy, address, &depth))
		return;
	if (legacy->named_depth == 0 && legacy->named_count == 0)
		remember_hidden(legacy, depth);
	tab = str_find_char(scan.rest, '\t');
	name = tab == STR_NOT_FOUND ? scan.rest : str_slice(scan.rest, 0, (size_t)tab);
	file = tab == STR_NOT_FOUND ? STR("")
				    : str_trim(str_after(scan.rest, (size_t)tab));
	file = split_file(file, &row.line);
	row.function = frames_function(&legacy->frames, function_name(name), file);
	legacy->named = table_reserve(legacy->named, &legacy->named_capacity,
				      legacy->named_count + 1, sizeof(*legacy->named));
	legacy->named[legacy->named_count++] = row;
	legacy->named_depth = depth;
}

void legacy_append(struct legacy *legacy, const struct profile_label *labels,
		   size_t label_count, const int64_t *values)
{
	struct profile_builder *builder = &legacy->builder;
	uint32_t stack = profile_builder_stack(builder, legacy->stack, legacy->depth);

	profile_builder_append(builder, stack,
			       profile_builder_labels(builder, labels, label_count),
			       values);
}

bool legacy_is_maps_start(struct str line)
{
	return str_find(line, STR("--- Memory map: ---")) != STR_NOT_FOUND ||
	       str_find(line, STR("MAPPED_LIBRARIES:")) != STR_NOT_FOUND;
}

void legacy_finish_maps(struct legacy *legacy, struct profile **out)
{
	end_row(legacy);
	name_hidden(legacy);
	legacy_maps_read(&legacy->lines, &legacy->builder);
	legacy_mapping_assign(legacy->profile);
	legacy_drop_frames(legacy->profile);
	*out = legacy->profile;
	legacy->profile = NULL;
}

void legacy_finish(struct legacy *legacy, struct profile **out)
{
	while (!legacy_is_maps_start(legacy->lines.line) && lines_next(&legacy->lines))
		;
	legacy_finish_maps(legacy, out);
}

bool legacy_fail(const struct legacy *legacy, const char *what, struct error *err)
{
	return error_set(err, ERROR_FORMAT, "line %zu: %s", legacy->lines.number, what);
}

int64_t legacy_truncate(double value)
{
	return value > -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
}

void legacy_unsample(int64_t *count, int64_t *size, int64_t rate)
{
	double scale;

	if (*count == 0 || *size == 0) {
		*count = *size = 0;
		return;
	}
	if (rate <= 1)
		return;
	scale = 1 / (1 - exp(-((double)*size / (double)*count) / (double)rate));
	*count = legacy_truncate((double)*count * scale);
	*size = legacy_truncate((double)*size * scale);
}
