// One flat walk finds the types; their members are read when they are asked for.
#include "binary/dwarf_types.h"

#include "base/reader.h"
#include "binary/dwarf_form.h"

enum { CHAIN_LIMIT = 16, MEMBER_LIMIT = 1 << 16, POINTER_SIZE = 8 };

// What there is to know of an entry; `type` is DWARF_NONE where it has none.
struct entry {
	uint16_t tag;
	bool has_children, has_size, is_declaration;
	struct str name;
	uint64_t type, size, location, next;
};

void dwarf_types_open(struct dwarf_types *types, struct elf *elf)
{
	*types = (struct dwarf_types){ 0 };
	dwarf_init(&types->dwarf, elf, NULL);
}

void dwarf_types_close(struct dwarf_types *types)
{
	dwarf_abbrev_cache_deinit(&types->abbrevs);
	dwarf_deinit(&types->dwarf);
}

static void take_attribute(const struct dwarf_types *types, const struct dwarf_unit *unit,
			   uint16_t name, const struct dwarf_value *value,
			   struct entry *out)
{
	switch (name) {
	case DW_AT_NAME:
		out->name = str_from(dwarf_form_string(value, &types->dwarf, unit));
		break;
	case DW_AT_TYPE:
		if (value->kind == DWARF_VALUE_ENTRY)
			out->type = value->number;
		break;
	case DW_AT_BYTE_SIZE:
		out->has_size = value->kind == DWARF_VALUE_CONSTANT;
		out->size = value->number;
		break;
	case DW_AT_DATA_MEMBER_LOCATION:
		if (value->kind == DWARF_VALUE_CONSTANT)
			out->location = value->number;
		break;
	case DW_AT_DECLARATION:
		out->is_declaration = true;
		break;
	default:
		break;
	}
}

// Reads the attributes that follow the abbreviation's code.
static bool read_attributes(const struct dwarf_types *types,
			    const struct dwarf_unit *unit,
			    const struct dwarf_abbrev *abbrev, struct reader *r,
			    struct entry *out)
{
	*out = (struct entry){ .tag = abbrev->tag,
			       .has_children = abbrev->has_children,
			       .type = DWARF_NONE };
	for (size_t i = 0; i < abbrev->attribute_count && reader_ok(r); i++) {
		const struct dwarf_attribute *attribute = &abbrev->attributes[i];
		struct dwarf_value value =
			dwarf_form_read(r, attribute->form, attribute->implicit, unit);

		take_attribute(types, unit, attribute->name, &value, out);
	}
	out->next = reader_offset(r);
	return reader_ok(r);
}

// The entry at an offset; its tag is 0 where a list of children ends.
static bool read_entry(struct dwarf_types *types, uint64_t offset, struct entry *out)
{
	const struct dwarf_unit *unit = dwarf_find_unit(&types->dwarf, offset);
	struct reader r = reader_from_str(types->dwarf.info);
	const struct dwarf_abbrevs *table;
	const struct dwarf_abbrev *abbrev;
	uint64_t code;

	if (unit == NULL)
		return false;
	table = dwarf_abbrev_table(&types->abbrevs, &types->dwarf, unit);
	reader_seek(&r, offset);
	code = reader_uleb(&r);
	*out = (struct entry){ .type = DWARF_NONE, .next = reader_offset(&r) };
	if (!reader_ok(&r) || code == 0)
		return reader_ok(&r);
	abbrev = table == NULL ? NULL : dwarf_abbrev_find(table, code);
	return abbrev != NULL && read_attributes(types, unit, abbrev, &r, out);
}

// The offset of what names of types stand for.
static bool find_underlying(struct dwarf_types *types, uint64_t *offset,
			    struct entry *out)
{
	for (int i = 0; i < CHAIN_LIMIT; i++) {
		if (!read_entry(types, *offset, out))
			return false;
		if (out->tag != DW_TAG_TYPEDEF && out->tag != DW_TAG_CONST_TYPE)
			return true;
		*offset = out->type;
	}
	return false;
}

static uint64_t size_of(struct dwarf_types *types, uint64_t offset)
{
	struct entry entry;

	if (!find_underlying(types, &offset, &entry))
		return 0;
	if (entry.has_size)
		return entry.size;
	// What Go's compiler states no size for.
	return entry.tag == DW_TAG_POINTER_TYPE || entry.tag == DW_TAG_SUBROUTINE_TYPE
		       ? POINTER_SIZE
		       : 0;
}

static bool find_member(struct dwarf_types *types, uint64_t structure, struct str name,
			struct entry *out)
{
	unsigned depth = 0;
	uint64_t next;

	if (!find_underlying(types, &structure, out) ||
	    out->tag != DW_TAG_STRUCTURE_TYPE || !out->has_children)
		return false;
	next = out->next;
	for (int i = 0; i < MEMBER_LIMIT; i++) {
		if (!read_entry(types, next, out) || (out->tag == 0 && depth == 0))
			return false;
		if (depth == 0 && out->tag == DW_TAG_MEMBER && str_equal(out->name, name))
			return true;
		next = out->next;
		depth += out->has_children ? 1 : 0;
		depth -= out->tag == 0 ? 1 : 0;
	}
	return false;
}

bool dwarf_types_field(struct dwarf_types *types, uint64_t entry, struct str path,
		       struct dwarf_field *out)
{
	struct dwarf_field field = { 0 };
	struct entry member;
	struct str word;

	if (dwarf_find_unit(&types->dwarf, entry) == NULL)
		return false;
	while (path.n > 0 && str_cut(&path, '.', &word)) {
		if (!find_member(types, entry, word, &member))
			return false;
		field.offset += member.location;
		entry = member.type;
	}
	field.size = size_of(types, entry);
	*out = field;
	return true;
}

static void note(struct dwarf_wanted *wanted, size_t count, const struct entry *entry,
		 uint64_t offset)
{
	bool is_variable = entry->tag == DW_TAG_VARIABLE;

	for (size_t i = 0; i < count; i++) {
		if (wanted[i].entry == DWARF_NONE && !entry->is_declaration &&
		    wanted[i].is_variable == is_variable &&
		    str_equal(wanted[i].name, entry->name))
			wanted[i].entry = is_variable ? entry->type : offset;
	}
}

static void walk_unit(struct dwarf_types *types, const struct dwarf_unit *unit,
		      struct dwarf_wanted *wanted, size_t count)
{
	const struct dwarf_abbrevs *table =
		dwarf_abbrev_table(&types->abbrevs, &types->dwarf, unit);
	struct reader r = reader_from_str(types->dwarf.info);

	reader_seek(&r, unit->first_entry);
	while (table != NULL && reader_ok(&r) && reader_offset(&r) < unit->limit) {
		uint64_t offset = reader_offset(&r), code = reader_uleb(&r), sibling;
		const struct dwarf_abbrev *abbrev;
		struct entry entry;

		if (code == 0)
			continue;
		abbrev = dwarf_abbrev_find(table, code);
		if (abbrev == NULL)
			return;
		if (abbrev->tag == DW_TAG_STRUCTURE_TYPE ||
		    abbrev->tag == DW_TAG_VARIABLE) {
			if (read_attributes(types, unit, abbrev, &r, &entry))
				note(wanted, count, &entry, offset);
			continue;
		}
		r.p = dwarf_abbrev_skip(abbrev, r.p, r.end, unit, &sibling);
		if (r.p == NULL)
			return;
	}
}

void dwarf_types_find(struct dwarf_types *types, struct dwarf_wanted *wanted,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		wanted[i].entry = DWARF_NONE;
	for (size_t i = 0; i < types->dwarf.unit_count; i++)
		walk_unit(types, &types->dwarf.units[i], wanted, count);
}
