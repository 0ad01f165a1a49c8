// Finds the mapping of each location, first come first served where they overlap.
#include "profile/legacy_mapping.h"

#include <stdlib.h>

#include "base/scan.h"
#include "profile/profile.h"
#include "profile/tables.h"

// Whether b continues a, as far as both tell.
static bool is_continued(const struct profile_mapping *a, const struct profile_mapping *b)
{
	if (a->file != 0 && b->file != 0 && a->file != b->file)
		return false;
	if (a->build_id != 0 && b->build_id != 0 && a->build_id != b->build_id)
		return false;
	if (a->limit != b->start)
		return false;
	return a->offset == 0 || b->offset == 0 ||
	       a->offset + (a->limit - a->start) == b->offset;
}

static void join_split(struct profile *profile)
{
	struct profile_mapping *mappings = profile->mappings;
	size_t last = 0;

	for (size_t i = 1; i < profile->mapping_count; i++) {
		if (!is_continued(&mappings[last], &mappings[i])) {
			mappings[++last] = mappings[i];
			continue;
		}
		mappings[last].limit = mappings[i].limit;
		if (mappings[i].file != 0)
			mappings[last].file = mappings[i].file;
		if (mappings[i].build_id != 0)
			mappings[last].build_id = mappings[i].build_id;
	}
	profile->mapping_count = last + 1;
}

// "libc.so", "libc.so.6" and "libm.so_2", but not "x.sofa".
static bool is_library(struct str file)
{
	ptrdiff_t at;

	while ((at = str_find(file, STR(".so"))) != STR_NOT_FOUND) {
		file = str_after(file, (size_t)at + 3);
		if (file.n == 0 || ((file.p[0] == '.' || file.p[0] == '_') &&
				    file.n > 1 && scan_is_digit(file.p[1])))
			return true;
	}
	return false;
}

static bool may_be_main(struct str file)
{
	static const struct str deleted = STR("(deleted)");

	file = str_trim(file);
	if (str_ends_with(file, deleted))
		file = str_trim(str_slice(file, 0, file.n - deleted.n));
	return file.n > 0 && file.p[0] != '[' && !is_library(file);
}

static void put_main_first(struct profile *profile)
{
	struct profile_mapping *mappings = profile->mappings;

	for (size_t i = 0; i < profile->mapping_count; i++) {
		struct profile_mapping first = mappings[0];

		if (!may_be_main(profile_string(profile, mappings[i].file)))
			continue;
		mappings[0] = mappings[i];
		mappings[i] = first;
		return;
	}
}

// A main mapping may be preceded by a remapped part of it, or be told from where its code
// starts rather than from where the file does.
static void fix_main(struct profile *profile)
{
	enum { USUAL_START = 0x400000 };
	struct profile_mapping *mappings = profile->mappings;

	if (profile->mapping_count > 1 && mappings[0].limit == mappings[1].start &&
	    str_starts_with(profile_string(profile, mappings[0].file),
			    STR("/anon_hugepage"))) {
		profile->mapping_count--;
		memmove(mappings, mappings + 1,
			profile->mapping_count * sizeof(*mappings));
	}
	if (mappings[0].start - mappings[0].offset == USUAL_START) {
		mappings[0].start = USUAL_START;
		mappings[0].offset = 0;
	}
}

// Mappings by start address, for a quick search as long as none overlap.
struct mapping_order {
	struct profile *profile;
	uint32_t *rows;
	bool is_disjoint;
};

static int compare_starts(const void *a, const void *b, void *context)
{
	const struct profile_mapping *mappings = context;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint64_t start_x = mappings[x].start, start_y = mappings[y].start;

	return start_x != start_y ? (start_x > start_y) - (start_x < start_y)
				  : (x > y) - (x < y);
}

static void order_init(struct mapping_order *order, struct profile *profile)
{
	size_t count = profile->mapping_count;
	const struct profile_mapping *mappings = profile->mappings;

	order->profile = profile;
	order->rows = table_zeroed(count + 1, sizeof(*order->rows));
	order->is_disjoint = true;
	for (uint32_t i = 0; i < count; i++)
		order->rows[i] = i;
	qsort_r(order->rows, count, sizeof(*order->rows), compare_starts,
		profile->mappings);
	for (size_t i = 0; i < count; i++) {
		const struct profile_mapping *row = &mappings[order->rows[i]];

		if (row->start > row->limit ||
		    (i + 1 < count && row->limit > mappings[order->rows[i + 1]].start))
			order->is_disjoint = false;
	}
}

static bool is_inside(const struct profile_mapping *mapping, uint64_t address)
{
	return mapping->start <= address && address < mapping->limit;
}

static uint32_t search_sorted(const struct mapping_order *order, uint64_t address)
{
	const struct profile_mapping *mappings = order->profile->mappings;
	size_t from = 0, to = order->profile->mapping_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (mappings[order->rows[middle]].limit <= address)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == order->profile->mapping_count ||
	    !is_inside(&mappings[order->rows[from]], address))
		return PROFILE_NONE;
	return order->rows[from];
}

static uint32_t search(const struct mapping_order *order, uint64_t address)
{
	const struct profile *profile = order->profile;

	if (order->is_disjoint)
		return search_sorted(order, address);
	for (uint32_t i = 0; i < profile->mapping_count; i++) {
		if (is_inside(&profile->mappings[i], address))
			return i;
	}
	return PROFILE_NONE;
}

// Some profilers leave out the first part of a mapping, up to its offset.
static uint32_t extend_downwards(struct mapping_order *order, uint64_t address)
{
	struct profile *profile = order->profile;

	for (uint32_t i = 0; i < profile->mapping_count; i++) {
		struct profile_mapping *mapping = &profile->mappings[i];

		if (mapping->offset == 0 || mapping->start - mapping->offset > address ||
		    address >= mapping->start)
			continue;
		mapping->start -= mapping->offset;
		mapping->offset = 0;
		free(order->rows);
		order_init(order, profile);
		return i;
	}
	return PROFILE_NONE;
}

static uint32_t add_for_all(struct profile *profile)
{
	tables_reserve_mappings(profile, 1);
	profile->mappings[profile->mapping_count] = (struct profile_mapping){
		.limit = UINT64_MAX,
	};
	return (uint32_t)profile->mapping_count++;
}

static void assign_all(struct profile *profile)
{
	struct mapping_order order;
	uint32_t rest = PROFILE_NONE; // the mapping for what no other has

	order_init(&order, profile);
	for (size_t i = 0; i < profile->location_count; i++) {
		struct profile_location *location = &profile->locations[i];

		if (location->mapping != PROFILE_NONE || location->address == 0)
			continue;
		location->mapping = search(&order, location->address);
		if (location->mapping == PROFILE_NONE && rest == PROFILE_NONE)
			location->mapping = extend_downwards(&order, location->address);
		if (location->mapping == PROFILE_NONE && rest == PROFILE_NONE)
			rest = (uint32_t)profile->mapping_count;
		if (location->mapping == PROFILE_NONE)
			location->mapping = rest;
	}
	free(order.rows);
	if (rest != PROFILE_NONE)
		(void)add_for_all(profile);
}

void legacy_mapping_assign(struct profile *profile)
{
	if (profile->mapping_count > 0) {
		join_split(profile);
		put_main_first(profile);
		fix_main(profile);
	}
	assign_all(profile);
	for (size_t i = 0; i < profile->mapping_count; i++)
		profile->mappings[i].id = i + 1;
}
