// One name a line: of a function in a file, of a library, of generated code.
#include "profile/java_names.h"

#include "base/scan.h"
#include "profile/legacy.h"
#include "profile/legacy_drop.h"
#include "profile/legacy_mapping.h"

struct java_name {
	struct str function, file;
	int64_t line;
};

// Splits "function (place)".
static bool split_place(struct str text, struct java_name *name, struct str *place)
{
	ptrdiff_t open = str_find_last_char(text, '(');

	if (open <= 0 || !str_ends_with(text, STR(")")) ||
	    !scan_is_blank(text.p[open - 1]))
		return false;
	name->function = str_trim(str_slice(text, 0, (size_t)open));
	*place = str_slice(text, (size_t)open + 1, text.n - 1);
	return true;
}

static struct java_name parse_name(struct str text)
{
	struct java_name name = { .function = text };
	struct str place;
	ptrdiff_t colon;
	int64_t line;

	if (split_place(text, &name, &place)) {
		colon = str_find_last_char(place, ':');
		if (colon > 0 &&
		    str_to_i64(str_after(place, (size_t)colon + 1), 10, &line)) {
			name.file = str_slice(place, 0, (size_t)colon);
			name.line = line > 0 ? line : 0;
		} else {
			name.file = str_basename(place);
		}
	} else if (str_find(text, STR("generated stub/JIT")) != STR_NOT_FOUND) {
		name.function = STR("STUB");
	}
	return name;
}

// Functions are told apart by name alone: the file of the first one counts.
static uint32_t function_row(struct legacy *legacy, struct map *known,
			     const struct java_name *name)
{
	uint32_t *row = map_put(known, profile_intern(legacy->profile, name->function));

	if (*row == MAP_NONE)
		*row = frames_function(&legacy->frames, name->function, name->file);
	return *row;
}

static void read_lines(struct legacy *legacy, struct map *locations)
{
	struct map functions = { 0 };
	uint64_t address;

	while (lines_next(&legacy->lines)) {
		struct scan scan = scan_from(str_trim(legacy->lines.line));
		struct java_name name;
		struct profile_line line = { 0 };
		uint32_t row;

		if (!scan_text(&scan, STR("0x")) || !scan_hex(&scan, &address) ||
		    !scan_is_blank(scan_peek(&scan)))
			continue;
		row = map_get(locations, address);
		if (row == MAP_NONE || legacy->profile->locations[row].line_count > 0)
			continue;
		name = parse_name(str_trim(scan.rest));
		line.function = function_row(legacy, &functions, &name);
		line.line = name.line;
		profile_builder_set_lines(&legacy->builder, row, &line, 1);
	}
	map_deinit(&functions);
}

void java_names_finish(struct legacy *legacy, struct profile **out)
{
	struct profile *profile = legacy->profile;
	struct map locations = { 0 };

	for (uint32_t i = 0; i < profile->location_count; i++)
		*map_put(&locations, profile->locations[i].address) = i;
	read_lines(legacy, &locations);
	map_deinit(&locations);
	for (size_t i = 0; i < profile->location_count; i++) {
		if (profile->locations[i].line_count > 0)
			profile->locations[i].address = 0;
	}
	legacy_mapping_assign(profile);
	for (size_t i = 0; i < profile->location_count; i++)
		profile->locations[i].address = 0;
	legacy_drop_frames(profile);
	*out = profile;
	legacy->profile = NULL;
}
