// Attribute values in all their forms.
#include "binary/dwarf_form.h"

#include "binary/dwarf.h"

enum { SIZE_OF_OFFSET = 0xff };

struct layout {
	uint8_t extent, size;
};

static const struct layout layouts[] = {
	[DW_FORM_ADDR] = { DWARF_EXTENT_FIXED, 8 },
	[DW_FORM_BLOCK2] = { DWARF_EXTENT_BLOCK2, 0 },
	[DW_FORM_BLOCK4] = { DWARF_EXTENT_BLOCK4, 0 },
	[DW_FORM_DATA2] = { DWARF_EXTENT_FIXED, 2 },
	[DW_FORM_DATA4] = { DWARF_EXTENT_FIXED, 4 },
	[DW_FORM_DATA8] = { DWARF_EXTENT_FIXED, 8 },
	[DW_FORM_STRING] = { DWARF_EXTENT_TEXT, 0 },
	[DW_FORM_BLOCK] = { DWARF_EXTENT_BLOCK, 0 },
	[DW_FORM_BLOCK1] = { DWARF_EXTENT_BLOCK1, 0 },
	[DW_FORM_DATA1] = { DWARF_EXTENT_FIXED, 1 },
	[DW_FORM_FLAG] = { DWARF_EXTENT_FIXED, 1 },
	[DW_FORM_SDATA] = { DWARF_EXTENT_LEB, 0 },
	[DW_FORM_STRP] = { DWARF_EXTENT_FIXED, SIZE_OF_OFFSET },
	[DW_FORM_UDATA] = { DWARF_EXTENT_LEB, 0 },
	[DW_FORM_REF_ADDR] = { DWARF_EXTENT_FIXED, SIZE_OF_OFFSET },
	[DW_FORM_REF1] = { DWARF_EXTENT_FIXED, 1 },
	[DW_FORM_REF2] = { DWARF_EXTENT_FIXED, 2 },
	[DW_FORM_REF4] = { DWARF_EXTENT_FIXED, 4 },
	[DW_FORM_REF8] = { DWARF_EXTENT_FIXED, 8 },
	[DW_FORM_REF_UDATA] = { DWARF_EXTENT_LEB, 0 },
	[DW_FORM_INDIRECT] = { DWARF_EXTENT_INDIRECT, 0 },
	[DW_FORM_SEC_OFFSET] = { DWARF_EXTENT_FIXED, SIZE_OF_OFFSET },
	[DW_FORM_EXPRLOC] = { DWARF_EXTENT_BLOCK, 0 },
	[DW_FORM_FLAG_PRESENT] = { DWARF_EXTENT_FIXED, 0 },
	[DW_FORM_STRX] = { DWARF_EXTENT_LEB, 0 },
	[DW_FORM_ADDRX] = { DWARF_EXTENT_LEB, 0 },
	[DW_FORM_REF_SUP4] = { DWARF_EXTENT_FIXED, 4 },
	[DW_FORM_STRP_SUP] = { DWARF_EXTENT_FIXED, SIZE_OF_OFFSET },
	[DW_FORM_DATA16] = { DWARF_EXTENT_FIXED, 16 },
	[DW_FORM_LINE_STRP] = { DWARF_EXTENT_FIXED, SIZE_OF_OFFSET },
	[DW_FORM_REF_SIG8] = { DWARF_EXTENT_FIXED, 8 },
	[DW_FORM_IMPLICIT_CONST] = { DWARF_EXTENT_FIXED, 0 },
	[DW_FORM_LOCLISTX] = { DWARF_EXTENT_LEB, 0 },
	[DW_FORM_RNGLISTX] = { DWARF_EXTENT_LEB, 0 },
	[DW_FORM_REF_SUP8] = { DWARF_EXTENT_FIXED, 8 },
	[DW_FORM_STRX1] = { DWARF_EXTENT_FIXED, 1 },
	[DW_FORM_STRX2] = { DWARF_EXTENT_FIXED, 2 },
	[DW_FORM_STRX3] = { DWARF_EXTENT_FIXED, 3 },
	[DW_FORM_STRX4] = { DWARF_EXTENT_FIXED, 4 },
	[DW_FORM_ADDRX1] = { DWARF_EXTENT_FIXED, 1 },
	[DW_FORM_ADDRX2] = { DWARF_EXTENT_FIXED, 2 },
	[DW_FORM_ADDRX3] = { DWARF_EXTENT_FIXED, 3 },
	[DW_FORM_ADDRX4] = { DWARF_EXTENT_FIXED, 4 },
};

enum dwarf_extent dwarf_form_extent(uint32_t form, unsigned offset_size, unsigned version,
				    unsigned *size)
{
	struct layout layout = { DWARF_EXTENT_UNKNOWN, 0 };

	if (form < sizeof(layouts) / sizeof(*layouts))
		layout = layouts[form];
	else if (form == DW_FORM_GNU_ADDR_INDEX || form == DW_FORM_GNU_STR_INDEX)
		layout = (struct layout){ DWARF_EXTENT_LEB, 0 };
	else if (form == DW_FORM_GNU_REF_ALT || form == DW_FORM_GNU_STRP_ALT)
		layout = (struct layout){ DWARF_EXTENT_FIXED, SIZE_OF_OFFSET };
	*size = layout.size;
	if (layout.size == SIZE_OF_OFFSET) // DWARF 2 made references as wide as addresses
		*size = form == DW_FORM_REF_ADDR && version <= 2 ? 8 : offset_size;
	return (enum dwarf_extent)layout.extent;
}

static uint64_t read_unsigned(struct reader *r, unsigned size)
{
	const uint8_t *p = reader_bytes(r, size);
	uint64_t value = 0;

	if (p != NULL && size <= sizeof(value))
		memcpy(&value, p, size);
	return value;
}

static void skip_extent(struct reader *r, enum dwarf_extent extent, unsigned size)
{
	switch (extent) {
	case DWARF_EXTENT_FIXED:
		reader_skip(r, size);
		return;
	case DWARF_EXTENT_LEB:
		(void)reader_uleb(r);
		return;
	case DWARF_EXTENT_TEXT:
		(void)reader_cstr(r);
		return;
	case DWARF_EXTENT_BLOCK1:
		reader_skip(r, reader_u8(r));
		return;
	case DWARF_EXTENT_BLOCK2:
		reader_skip(r, reader_u16(r));
		return;
	case DWARF_EXTENT_BLOCK4:
		reader_skip(r, reader_u32(r));
		return;
	case DWARF_EXTENT_BLOCK:
		reader_skip(r, reader_uleb(r));
		return;
	case DWARF_EXTENT_INDIRECT:
	case DWARF_EXTENT_SIBLING:
	case DWARF_EXTENT_UNKNOWN:
		reader_fail(r);
		return;
	}
}

void dwarf_form_skip(struct reader *r, uint32_t form, unsigned offset_size,
		     unsigned version)
{
	unsigned size;

	if (form == DW_FORM_INDIRECT)
		form = (uint32_t)reader_uleb(r);
	enum dwarf_extent extent = dwarf_form_extent(form, offset_size, version, &size);

	skip_extent(r, extent, size);
}

static struct dwarf_value entry_value(uint64_t base, uint64_t offset)
{
	// An offset with the top bits set would be taken for another file's.
	if (offset >= DWARF_IN_ALT)
		return (struct dwarf_value){ DWARF_VALUE_OTHER, 0, NULL };
	return (struct dwarf_value){ DWARF_VALUE_ENTRY, base + offset, NULL };
}

// What the bytes of a number mean, by their form. References are none of these.
static enum dwarf_value_kind number_kind(uint32_t form)
{
	switch (form) {
	case DW_FORM_ADDR:
		return DWARF_VALUE_ADDRESS;
	case DW_FORM_ADDRX:
	case DW_FORM_ADDRX1:
	case DW_FORM_ADDRX2:
	case DW_FORM_ADDRX3:
	case DW_FORM_ADDRX4:
	case DW_FORM_GNU_ADDR_INDEX:
		return DWARF_VALUE_ADDRESS_INDEX;
	case DW_FORM_DATA1:
	case DW_FORM_DATA2:
	case DW_FORM_DATA4:
	case DW_FORM_DATA8:
	case DW_FORM_UDATA:
		return DWARF_VALUE_CONSTANT;
	case DW_FORM_SEC_OFFSET:
		return DWARF_VALUE_OFFSET;
	case DW_FORM_RNGLISTX:
		return DWARF_VALUE_LIST_INDEX;
	case DW_FORM_STRX:
	case DW_FORM_STRX1:
	case DW_FORM_STRX2:
	case DW_FORM_STRX3:
	case DW_FORM_STRX4:
	case DW_FORM_GNU_STR_INDEX:
		return DWARF_VALUE_STRING_INDEX;
	case DW_FORM_STRP:
		return DWARF_VALUE_STRING;
	case DW_FORM_LINE_STRP:
		return DWARF_VALUE_LINE_STRING;
	case DW_FORM_GNU_STRP_ALT:
	case DW_FORM_STRP_SUP:
		return DWARF_VALUE_ALT_STRING;
	default:
		return DWARF_VALUE_OTHER;
	}
}

static struct dwarf_value number_value(uint32_t form, uint64_t number,
				       const struct dwarf_unit *unit)
{
	switch (form) {
	case DW_FORM_REF1:
	case DW_FORM_REF2:
	case DW_FORM_REF4:
	case DW_FORM_REF8:
	case DW_FORM_REF_UDATA:
		return entry_value(unit->offset, number);
	case DW_FORM_REF_ADDR:
		return entry_value(0, number);
	case DW_FORM_GNU_REF_ALT:
	case DW_FORM_REF_SUP4:
	case DW_FORM_REF_SUP8:
		return entry_value(DWARF_IN_ALT, number);
	default:
		return (struct dwarf_value){ number_kind(form), number, NULL };
	}
}

struct dwarf_value dwarf_form_read(struct reader *r, uint32_t form, int64_t implicit,
				   const struct dwarf_unit *unit)
{
	unsigned size;

	if (form == DW_FORM_INDIRECT)
		form = (uint32_t)reader_uleb(r);
	enum dwarf_extent extent =
		dwarf_form_extent(form, unit->offset_size, unit->version, &size);

	if (form == DW_FORM_IMPLICIT_CONST)
		return (struct dwarf_value){ DWARF_VALUE_CONSTANT, (uint64_t)implicit,
					     NULL };
	if (form == DW_FORM_SDATA)
		return (struct dwarf_value){ DWARF_VALUE_CONSTANT,
					     (uint64_t)reader_sleb(r), NULL };
	if (extent == DWARF_EXTENT_LEB)
		return number_value(form, reader_uleb(r), unit);
	if (extent == DWARF_EXTENT_FIXED && size <= 8)
		return number_value(form, read_unsigned(r, size), unit);
	if (form == DW_FORM_STRING) {
		struct str text = reader_cstr(r);

		return (struct dwarf_value){ DWARF_VALUE_TEXT, 0,
					     reader_ok(r) ? text.p : "" };
	}
	skip_extent(r, extent, size);
	return (struct dwarf_value){ DWARF_VALUE_OTHER, 0, NULL };
}

const char *dwarf_form_string(const struct dwarf_value *value, const struct dwarf *dwarf,
			      const struct dwarf_unit *unit)
{
	switch (value->kind) {
	case DWARF_VALUE_TEXT:
		return value->text;
	case DWARF_VALUE_STRING:
		return dwarf_string_at(dwarf->strings, value->number);
	case DWARF_VALUE_LINE_STRING:
		return dwarf_string_at(dwarf->line_strings, value->number);
	case DWARF_VALUE_ALT_STRING:
		if (dwarf->alt == NULL)
			return "";
		return dwarf_string_at(dwarf->alt->strings, value->number);
	case DWARF_VALUE_STRING_INDEX:
		return dwarf_indexed_string(dwarf, unit, value->number);
	case DWARF_VALUE_OTHER:
	case DWARF_VALUE_ADDRESS:
	case DWARF_VALUE_ADDRESS_INDEX:
	case DWARF_VALUE_CONSTANT:
	case DWARF_VALUE_OFFSET:
	case DWARF_VALUE_LIST_INDEX:
	case DWARF_VALUE_ENTRY:
		break;
	}
	return "";
}

bool dwarf_form_address(const struct dwarf_value *value, const struct dwarf *dwarf,
			const struct dwarf_unit *unit, uint64_t *address)
{
	if (value->kind == DWARF_VALUE_ADDRESS_INDEX)
		return dwarf_indexed_address(dwarf, unit, value->number, address);
	*address = value->number;
	return value->kind == DWARF_VALUE_ADDRESS;
}
