// The debug sections of one file and the list of its units.
#include "binary/dwarf.h"

#include <stdlib.h>

#include "base/reader.h"
#include "binary/dwarf_abbrev.h"
#include "binary/dwarf_constants.h"
#include "binary/dwarf_form.h"
#include "binary/elf.h"

// The root entry is declared first in its table by every compiler; only dwz's shared
// tables have it further on, and those are worth parsing whole.
enum { ROOT_DECLARATIONS = 4, ROOT_ATTRIBUTES = 64 };

const char *dwarf_string_at(struct str section, uint64_t offset)
{
	if (offset >= section.n)
		return "";
	const char *text = section.p + offset;

	// String sections end in a NUL byte, which spares looking for this string's own.
	if (section.p[section.n - 1] != '\0' &&
	    memchr(text, '\0', section.n - offset) == NULL)
		return "";
	return text;
}

static uint64_t entry_at(struct str section, uint64_t base, uint64_t index, unsigned size)
{
	uint64_t value = 0;

	if (base > section.n || index >= (section.n - base) / size)
		return DWARF_NONE;
	memcpy(&value, section.p + base + index * size, size);
	return value;
}

bool dwarf_indexed_address(const struct dwarf *dwarf, const struct dwarf_unit *unit,
			   uint64_t index, uint64_t *address)
{
	*address = entry_at(dwarf->addresses, unit->address_base, index, 8);
	return *address != DWARF_NONE;
}

const char *dwarf_indexed_string(const struct dwarf *dwarf, const struct dwarf_unit *unit,
				 uint64_t index)
{
	uint64_t offset = entry_at(dwarf->str_offsets, unit->str_offsets_base, index,
				   unit->offset_size);

	return dwarf_string_at(dwarf->strings, offset);
}

// Reads the header that starts at r; the root entry follows. False at the end.
static bool read_header(struct reader *r, struct dwarf_unit *unit)
{
	unsigned address_size = 8;
	uint64_t start = reader_offset(r), length = reader_u32(r);

	*unit = (struct dwarf_unit){
		.offset = start, .offset_size = 4, .folder = "", .dwo_name = ""
	};
	if (length == UINT32_MAX) {
		unit->offset_size = 8;
		length = reader_u64(r);
	}
	unit->limit = reader_offset(r) + length;
	if (length > reader_left(r) || !reader_ok(r))
		return false;
	unit->version = (uint8_t)reader_u16(r);
	unit->type = DW_UT_COMPILE;
	if (unit->version >= 5) {
		unit->type = reader_u8(r);
		address_size = reader_u8(r);
	}
	unit->abbrev_offset = unit->offset_size == 8 ? reader_u64(r) : reader_u32(r);
	if (unit->version < 5)
		address_size = reader_u8(r);
	if (unit->type == DW_UT_SKELETON || unit->type == DW_UT_SPLIT_COMPILE)
		unit->dwo_id = reader_u64(r);
	unit->first_entry = reader_offset(r);
	// What cannot be read is stepped over by an empty body.
	if (unit->version < 2 || unit->version > 5 || address_size != 8 ||
	    unit->type == DW_UT_TYPE || unit->type == DW_UT_SPLIT_TYPE ||
	    unit->first_entry > unit->limit || unit->abbrev_offset > INT64_MAX >> 3)
		unit->first_entry = unit->limit;
	return reader_ok(r);
}

// Values of the root entry that cannot be told before all of it is read.
struct root {
	struct dwarf_value low_pc, high_pc, folder, dwo_name;
	struct dwarf_value ranges;
};

static void set_root_attribute(struct dwarf_unit *unit, struct root *root, uint32_t name,
			       struct dwarf_value value)
{
	switch (name) {
	case DW_AT_LOW_PC:
		root->low_pc = value;
		break;
	case DW_AT_HIGH_PC:
		root->high_pc = value;
		break;
	case DW_AT_COMP_DIR:
		root->folder = value;
		break;
	case DW_AT_RANGES:
		root->ranges = value;
		break;
	case DW_AT_DWO_NAME:
	case DW_AT_GNU_DWO_NAME:
		root->dwo_name = value;
		break;
	case DW_AT_GNU_DWO_ID:
		unit->dwo_id = value.number;
		break;
	case DW_AT_LANGUAGE:
		unit->language = (uint16_t)value.number;
		break;
	case DW_AT_STMT_LIST:
		unit->line_offset = value.number;
		break;
	case DW_AT_STR_OFFSETS_BASE:
		unit->str_offsets_base = value.number;
		break;
	case DW_AT_ADDR_BASE:
	case DW_AT_GNU_ADDR_BASE:
		unit->address_base = value.number;
		break;
	case DW_AT_RNGLISTS_BASE:
	case DW_AT_GNU_RANGES_BASE:
		unit->ranges_base = value.number;
		break;
	}
}

static void settle_root(const struct dwarf *dwarf, struct dwarf_unit *unit,
			const struct root *root)
{
	unit->folder = dwarf_form_string(&root->folder, dwarf, unit);
	unit->dwo_name = dwarf_form_string(&root->dwo_name, dwarf, unit);
	if (!dwarf_form_address(&root->low_pc, dwarf, unit, &unit->low_pc))
		unit->low_pc = 0;
	unit->high_pc = 0;
	if (root->high_pc.kind == DWARF_VALUE_CONSTANT)
		unit->high_pc = unit->low_pc + root->high_pc.number;
	else if (!dwarf_form_address(&root->high_pc, dwarf, unit, &unit->high_pc))
		unit->high_pc = 0;
	if (root->ranges.kind != DWARF_VALUE_OTHER) {
		unit->ranges = root->ranges.number;
		unit->ranges_by_index = root->ranges.kind == DWARF_VALUE_LIST_INDEX;
	}
}

// The declaration of a code among the first of the unit's table, into a caller's array.
static bool find_early_declaration(const struct dwarf *dwarf,
				   const struct dwarf_unit *unit, uint64_t code,
				   struct dwarf_attribute *attributes,
				   struct dwarf_abbrev *out)
{
	struct reader r = reader_from_str(dwarf->abbrev);

	reader_seek(&r, unit->abbrev_offset);
	for (unsigned i = 0; i < ROOT_DECLARATIONS && reader_ok(&r); i++) {
		uint64_t found = reader_uleb(&r);
		size_t count = 0;

		*out = (struct dwarf_abbrev){ .tag = (uint16_t)reader_uleb(&r),
					      .attributes = attributes };
		reader_skip(&r, 1);
		if (found == 0)
			return false;
		while (count < ROOT_ATTRIBUTES &&
		       dwarf_abbrev_read_attribute(&r, &attributes[count]))
			count++;
		if (count == ROOT_ATTRIBUTES)
			return false;
		out->attribute_count = (uint16_t)count;
		if (found == code)
			return reader_ok(&r);
	}
	return false;
}

static void read_root(struct dwarf *dwarf, struct dwarf_abbrev_cache *cache,
		      struct dwarf_unit *unit)
{
	struct dwarf_attribute attributes[ROOT_ATTRIBUTES];
	struct dwarf_abbrev early;
	const struct dwarf_abbrev *abbrev = &early;
	struct reader r = reader_from(dwarf->info.p, unit->limit);
	struct root root = { 0 };

	reader_seek(&r, unit->first_entry);
	uint64_t code = reader_uleb(&r);

	unit->line_offset = unit->ranges = DWARF_NONE;
	// Behind the headers of the tables, for units of split files that do not say it.
	unit->str_offsets_base = unit->version < 5 ? 0 : unit->offset_size == 8 ? 16 : 8;
	if (!find_early_declaration(dwarf, unit, code, attributes, &early)) {
		const struct dwarf_abbrevs *table =
			dwarf_abbrev_table(cache, dwarf, unit);

		abbrev = table == NULL ? NULL : dwarf_abbrev_find(table, code);
	}
	if (!reader_ok(&r) || abbrev == NULL)
		return;
	unit->tag = abbrev->tag;
	for (unsigned i = 0; i < abbrev->attribute_count; i++) {
		const struct dwarf_attribute *a = &abbrev->attributes[i];

		set_root_attribute(unit, &root, a->name,
				   dwarf_form_read(&r, a->form, a->implicit, unit));
	}
	if (reader_ok(&r))
		settle_root(dwarf, unit, &root);
}

void dwarf_init_units(struct dwarf *dwarf)
{
	struct dwarf_abbrev_cache cache = { 0 };
	struct reader r = reader_from_str(dwarf->info);
	struct dwarf_unit unit;

	while (reader_left(&r) > 0 && read_header(&r, &unit)) {
		if (unit.first_entry < unit.limit)
			read_root(dwarf, &cache, &unit);
		dwarf->units = table_reserve(dwarf->units, &dwarf->unit_capacity,
					     dwarf->unit_count + 1, sizeof(unit));
		dwarf->units[dwarf->unit_count++] = unit;
		reader_seek(&r, unit.limit);
	}
	dwarf_abbrev_cache_deinit(&cache);
}

void dwarf_init(struct dwarf *dwarf, struct elf *elf, const struct dwarf *alt)
{
	*dwarf = (struct dwarf){
		.info = elf_named_contents(elf, ".debug_info"),
		.abbrev = elf_named_contents(elf, ".debug_abbrev"),
		.strings = elf_named_contents(elf, ".debug_str"),
		.line_strings = elf_named_contents(elf, ".debug_line_str"),
		.line = elf_named_contents(elf, ".debug_line"),
		.ranges = elf_named_contents(elf, ".debug_ranges"),
		.rnglists = elf_named_contents(elf, ".debug_rnglists"),
		.addresses = elf_named_contents(elf, ".debug_addr"),
		.str_offsets = elf_named_contents(elf, ".debug_str_offsets"),
		.alt = alt,
	};
	dwarf_init_units(dwarf);
}

void dwarf_deinit(struct dwarf *dwarf)
{
	free(dwarf->units);
	*dwarf = (struct dwarf){ 0 };
}

const struct dwarf_unit *dwarf_find_unit(const struct dwarf *dwarf, uint64_t offset)
{
	size_t low = 0, high = dwarf->unit_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dwarf->units[middle].limit <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == dwarf->unit_count || offset < dwarf->units[low].first_entry)
		return NULL;
	return &dwarf->units[low];
}
