// Counts locations by the file and build id of their mappings.
#include "binary/module_table.h"

#include "base/arena.h"
#include "base/map.h"
#include "binary/symbolize.h"
#include "profile/profile.h"

// Locations without a mapping are the row with neither file nor build id.
static struct module_row *row_of(struct module_table *table, struct map *rows,
				 const struct profile *profile, uint32_t mapping)
{
	uint32_t file = 0, build_id = 0, *row;

	if (mapping != PROFILE_NONE) {
		file = profile->mappings[mapping].file;
		build_id = profile->mappings[mapping].build_id;
	}
	row = map_put(rows, (uint64_t)file << 32 | build_id);
	if (*row == MAP_NONE) {
		*row = (uint32_t)table->count;
		table->rows[table->count++] = (struct module_row){
			.file = profile_string(profile, file),
			.build_id = profile_string(profile, build_id),
		};
	}
	return &table->rows[*row];
}

static bool has_name(const struct profile *profile,
		     const struct profile_location *location)
{
	for (uint32_t i = 0; i < location->line_count; i++) {
		uint32_t function = profile->lines[location->first_line + i].function;

		if (function != PROFILE_NONE && profile->functions[function].name != 0)
			return true;
	}
	return false;
}

static struct str find_text(const struct module_row *row,
			    const struct symbolize_result *result)
{
	if (row->file.n == 0 && row->build_id.n == 0)
		return STR("in no program file that the profile tells");
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct symbolize_finding *finding = &result->findings[i];

		if (str_equal(finding->file, row->file) &&
		    str_equal(finding->build_id, row->build_id))
			return finding->text;
	}
	if (row->addresses == 0)
		return STR("nothing of it is on a stack");
	return row->unnamed == 0 ? STR("named in the profile")
				 : STR("not looked for: the profile says it has names");
}

struct module_table module_table_make(const struct profile *profile,
				      const struct symbolize_result *result,
				      struct arena *arena)
{
	struct module_table table = { 0 };
	struct map rows = { 0 };

	table.rows = arena_array(arena, profile->mapping_count + 1, sizeof(*table.rows));
	for (uint32_t i = 0; i < profile->mapping_count; i++)
		(void)row_of(&table, &rows, profile, i);
	for (size_t i = 0; i < profile->location_count; i++) {
		const struct profile_location *location = &profile->locations[i];
		struct module_row *row =
			row_of(&table, &rows, profile, location->mapping);
		bool is_unnamed = !has_name(profile, location);

		row->addresses++;
		row->unnamed += is_unnamed;
		table.addresses++;
		table.unnamed += is_unnamed;
	}
	for (size_t i = 0; i < table.count; i++) {
		struct module_row *row = &table.rows[i];

		row->text = str_copy(arena, find_text(row, result));
		row->file = str_copy(arena, row->file);
		row->build_id = str_copy(arena, row->build_id);
	}
	map_deinit(&rows);
	return table;
}
