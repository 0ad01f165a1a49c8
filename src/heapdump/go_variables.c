// One flat walk over all entries: types by offset, variables with the offset of theirs.
#include "heapdump/go_variables.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/reader.h"
#include "binary/dwarf.h"
#include "binary/dwarf_abbrev.h"
#include "binary/dwarf_form.h"
#include "binary/elf.h"

enum {
	AT_LOCATION = 0x02,
	AT_GO_RUNTIME_TYPE = 0x2904, // cmd/internal/dwarf, DW_AT_go_runtime_type
	FORM_BLOCK1 = 0x0a,          // what Go's linker uses
	FORM_EXPRLOC = 0x18,
	OP_ADDR = 0x03,
};

struct entry {
	bool is_variable;
	uint64_t address, type, runtime_type; // 0: none; type is an entry's offset
};

struct variable_walk {
	const struct dwarf *dwarf;
	const struct dwarf_unit *unit;
	struct go_variables *variables;
	struct map rows; // entry of a type -> row of runtime_types
	uint64_t *runtime_types;
	size_t type_count, type_capacity;
};

// DW_OP_addr and nothing else is where globals are.
static uint64_t read_location(struct reader *r, uint16_t form)
{
	uint64_t size = form == FORM_BLOCK1 ? reader_u8(r) : reader_uleb(r);
	struct reader block = reader_sub(r, size);
	uint8_t operation = reader_u8(&block);
	uint64_t address = reader_u64(&block);

	return reader_ok(&block) && operation == OP_ADDR && reader_left(&block) == 0
		       ? address
		       : 0;
}

static void read_entry(const struct variable_walk *walk, struct reader *r,
		       const struct dwarf_abbrev *abbrev, struct entry *out)
{
	*out = (struct entry){ .is_variable = abbrev->tag == DW_TAG_VARIABLE };
	for (size_t i = 0; i < abbrev->attribute_count && reader_ok(r); i++) {
		const struct dwarf_attribute *attribute = &abbrev->attributes[i];
		struct dwarf_value value;

		if (attribute->name == AT_LOCATION &&
		    (attribute->form == FORM_EXPRLOC || attribute->form == FORM_BLOCK1)) {
			out->address = read_location(r, attribute->form);
			continue;
		}
		value = dwarf_form_read(r, attribute->form, attribute->implicit,
					walk->unit);
		if (attribute->name == DW_AT_TYPE && value.kind == DWARF_VALUE_ENTRY)
			out->type = value.number;
		else if (attribute->name == AT_GO_RUNTIME_TYPE &&
			 !dwarf_form_address(&value, walk->dwarf, walk->unit,
					     &out->runtime_type))
			out->runtime_type = value.number;
	}
}

static void note(struct variable_walk *walk, uint64_t offset, const struct entry *entry)
{
	struct go_variables *variables = walk->variables;

	if (entry->runtime_type != 0) {
		walk->runtime_types =
			table_reserve(walk->runtime_types, &walk->type_capacity,
				      walk->type_count + 1, sizeof(*walk->runtime_types));
		walk->runtime_types[walk->type_count] = entry->runtime_type;
		*map_put(&walk->rows, offset) = (uint32_t)walk->type_count++;
	}
	if (!entry->is_variable || entry->address == 0 || entry->type == 0)
		return;
	variables->items = table_reserve(variables->items, &variables->capacity,
					 variables->count + 1, sizeof(*variables->items));
	variables->items[variables->count++] =
		(struct go_variable){ entry->address, entry->type };
}

static void walk_unit(struct variable_walk *walk, const struct dwarf_abbrevs *abbrevs)
{
	struct reader r = reader_from_str(walk->dwarf->info);

	reader_seek(&r, walk->unit->first_entry);
	while (reader_ok(&r) && reader_offset(&r) < walk->unit->limit) {
		uint64_t offset = reader_offset(&r), code = reader_uleb(&r);
		const struct dwarf_abbrev *abbrev;
		struct entry entry;

		if (code == 0)
			continue;
		abbrev = dwarf_abbrev_find(abbrevs, code);
		if (abbrev == NULL)
			return;
		read_entry(walk, &r, abbrev, &entry);
		if (reader_ok(&r))
			note(walk, offset, &entry);
	}
}

static int compare_variables(const void *a, const void *b)
{
	const struct go_variable *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

// From offsets of types to their descriptors; variables of other types are dropped.
static void resolve(struct variable_walk *walk)
{
	struct go_variables *variables = walk->variables;
	size_t kept = 0;

	for (size_t i = 0; i < variables->count; i++) {
		uint32_t row = map_get(&walk->rows, variables->items[i].type);

		if (row == MAP_NONE)
			continue;
		variables->items[kept] = variables->items[i];
		variables->items[kept++].type = walk->runtime_types[row];
	}
	variables->count = kept;
	if (kept > 1)
		qsort(variables->items, kept, sizeof(*variables->items),
		      compare_variables);
}

void go_variables_read(struct elf *elf, struct go_variables *out)
{
	struct dwarf_abbrev_cache cache = { 0 };
	struct dwarf dwarf = { 0 };
	struct variable_walk walk = { .dwarf = &dwarf, .variables = out };

	*out = (struct go_variables){ 0 };
	dwarf_init(&dwarf, elf, NULL);
	for (size_t i = 0; i < dwarf.unit_count; i++) {
		const struct dwarf_abbrevs *abbrevs;

		walk.unit = &dwarf.units[i];
		abbrevs = dwarf_abbrev_table(&cache, &dwarf, walk.unit);
		if (abbrevs != NULL)
			walk_unit(&walk, abbrevs);
	}
	resolve(&walk);
	free(walk.runtime_types);
	map_deinit(&walk.rows);
	dwarf_abbrev_cache_deinit(&cache);
	dwarf_deinit(&dwarf);
}

void go_variables_deinit(struct go_variables *variables)
{
	free(variables->items);
	*variables = (struct go_variables){ 0 };
}

uint64_t go_variables_find(const struct go_variables *variables, uint64_t address)
{
	size_t low = 0, high = variables->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (variables->items[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < variables->count && variables->items[low].address == address
		       ? variables->items[low].type
		       : 0;
}
