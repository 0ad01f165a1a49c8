// Attribute values in all their forms.
#include "binary/dwarf_form.h"

#include "binary/dwarf.h"

enum dwarf_extent dwarf_form_extent(uint32_t form, unsigned offset_size, unsigned version,
				    unsigned *size)
{
	*size = 0;
	switch (form) {
	case DW_FORM_FLAG_PRESENT:
	case DW_FORM_IMPLICIT_CONST:
		return DWARF_EXTENT_FIXED;
	case DW_FORM_DATA1:
	case DW_FORM_FLAG:
	case DW_FORM_REF1:
	case DW_FORM_STRX1:
	case DW_FORM_ADDRX1:
		*size = 1;
		return DWARF_EXTENT_FIXED;
	case DW_FORM_DATA2:
	case DW_FORM_REF2:
	case DW_FORM_STRX2:
	case DW_FORM_ADDRX2:
		*size = 2;
		return DWARF_EXTENT_FIXED;
	case DW_FORM_STRX3:
	case DW_FORM_ADDRX3:
		*size = 3;
		return DWARF_EXTENT_FIXED;
	case DW_FORM_DATA4:
	case DW_FORM_REF4:
	case DW_FORM_STRX4:
	case DW_FORM_ADDRX4:
	case DW_FORM_REF_SUP4:
		*size = 4;
		return DWARF_EXTENT_FIXED;
	case DW_FORM_ADDR:
	case DW_FORM_DATA8:
	case DW_FORM_REF8:
	case DW_FORM_REF_SIG8:
	case DW_FORM_REF_SUP8:
		*size = 8;
		return DWARF_EXTENT_FIXED;
	case DW_FORM_DATA16:
		*size = 16;
		return DWARF_EXTENT_FIXED;
	case DW_FORM_REF_ADDR: // DWARF 2 made it as wide as an address
		*size = version <= 2 ? 8 : offset_size;
		return DWARF_EXTENT_FIXED;
	case DW_FORM_STRP:
	case DW_FORM_LINE_STRP:
	case DW_FORM_STRP_SUP:
	case DW_FORM_SEC_OFFSET:
	case DW_FORM_GNU_REF_ALT:
	case DW_FORM_GNU_STRP_ALT:
		*size = offset_size;
		return DWARF_EXTENT_FIXED;
	case DW_FORM_SDATA:
	case DW_FORM_UDATA:
	case DW_FORM_REF_UDATA:
	case DW_FORM_STRX:
	case DW_FORM_ADDRX:
	case DW_FORM_LOCLISTX:
	case DW_FORM_RNGLISTX:
	case DW_FORM_GNU_ADDR_INDEX:
	case DW_FORM_GNU_STR_INDEX:
		return DWARF_EXTENT_LEB;
	case DW_FORM_STRING:
		return DWARF_EXTENT_TEXT;
	case DW_FORM_BLOCK1:
		return DWARF_EXTENT_BLOCK1;
	case DW_FORM_BLOCK2:
		return DWARF_EXTENT_BLOCK2;
	case DW_FORM_BLOCK4:
		return DWARF_EXTENT_BLOCK4;
	case DW_FORM_BLOCK:
	case DW_FORM_EXPRLOC:
		return DWARF_EXTENT_BLOCK;
	case DW_FORM_INDIRECT:
		return DWARF_EXTENT_INDIRECT;
	}
	return DWARF_EXTENT_UNKNOWN;
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

static struct dwarf_value text_value(struct str text)
{
	return (struct dwarf_value){ DWARF_VALUE_STRING, 0, text };
}

static struct dwarf_value entry_value(uint64_t base, uint64_t offset)
{
	// An offset with the top bits set would be taken for another file's.
	if (offset >= DWARF_IN_ALT)
		return (struct dwarf_value){ DWARF_VALUE_OTHER, 0, { NULL, 0 } };
	return (struct dwarf_value){ DWARF_VALUE_ENTRY, base + offset, { NULL, 0 } };
}

// What the bytes of a number mean, by their form.
static struct dwarf_value number_value(uint32_t form, uint64_t number,
				       const struct dwarf *dwarf,
				       const struct dwarf_unit *unit)
{
	enum dwarf_value_kind kind = DWARF_VALUE_OTHER;

	switch (form) {
	case DW_FORM_ADDR:
		kind = DWARF_VALUE_ADDRESS;
		break;
	case DW_FORM_ADDRX:
	case DW_FORM_ADDRX1:
	case DW_FORM_ADDRX2:
	case DW_FORM_ADDRX3:
	case DW_FORM_ADDRX4:
	case DW_FORM_GNU_ADDR_INDEX:
		kind = DWARF_VALUE_ADDRESS_INDEX;
		break;
	case DW_FORM_DATA1:
	case DW_FORM_DATA2:
	case DW_FORM_DATA4:
	case DW_FORM_DATA8:
	case DW_FORM_UDATA:
		kind = DWARF_VALUE_CONSTANT;
		break;
	case DW_FORM_SEC_OFFSET:
		kind = DWARF_VALUE_OFFSET;
		break;
	case DW_FORM_RNGLISTX:
		kind = DWARF_VALUE_LIST_INDEX;
		break;
	case DW_FORM_STRX:
	case DW_FORM_STRX1:
	case DW_FORM_STRX2:
	case DW_FORM_STRX3:
	case DW_FORM_STRX4:
	case DW_FORM_GNU_STR_INDEX:
		kind = DWARF_VALUE_STRING_INDEX;
		break;
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
	case DW_FORM_STRP:
		return text_value(dwarf_string_at(dwarf->strings, number));
	case DW_FORM_LINE_STRP:
		return text_value(dwarf_string_at(dwarf->line_strings, number));
	case DW_FORM_GNU_STRP_ALT:
	case DW_FORM_STRP_SUP:
		if (dwarf->alt == NULL)
			return text_value(STR(""));
		return text_value(dwarf_string_at(dwarf->alt->strings, number));
	}
	return (struct dwarf_value){ kind, number, { NULL, 0 } };
}

struct dwarf_value dwarf_form_read(struct reader *r, uint32_t form, int64_t implicit,
				   const struct dwarf *dwarf,
				   const struct dwarf_unit *unit)
{
	struct dwarf_value value = { DWARF_VALUE_OTHER, 0, { NULL, 0 } };
	unsigned size;

	if (form == DW_FORM_INDIRECT)
		form = (uint32_t)reader_uleb(r);
	enum dwarf_extent extent =
		dwarf_form_extent(form, unit->offset_size, unit->version, &size);

	if (form == DW_FORM_IMPLICIT_CONST)
		return (struct dwarf_value){ DWARF_VALUE_CONSTANT,
					     (uint64_t)implicit,
					     { NULL, 0 } };
	if (form == DW_FORM_STRING)
		return text_value(reader_cstr(r));
	if (form == DW_FORM_SDATA)
		return (struct dwarf_value){ DWARF_VALUE_CONSTANT,
					     (uint64_t)reader_sleb(r),
					     { NULL, 0 } };
	if (extent == DWARF_EXTENT_LEB)
		return number_value(form, reader_uleb(r), dwarf, unit);
	if (extent == DWARF_EXTENT_FIXED && size <= 8)
		return number_value(form, read_unsigned(r, size), dwarf, unit);
	skip_extent(r, extent, size);
	return value;
}

struct str dwarf_form_string(const struct dwarf_value *value, const struct dwarf *dwarf,
			     const struct dwarf_unit *unit)
{
	if (value->kind == DWARF_VALUE_STRING)
		return value->text;
	if (value->kind == DWARF_VALUE_STRING_INDEX)
		return dwarf_indexed_string(dwarf, unit, value->number);
	return STR("");
}

bool dwarf_form_address(const struct dwarf_value *value, const struct dwarf *dwarf,
			const struct dwarf_unit *unit, uint64_t *address)
{
	if (value->kind == DWARF_VALUE_ADDRESS_INDEX)
		return dwarf_indexed_address(dwarf, unit, value->number, address);
	*address = value->number;
	return value->kind == DWARF_VALUE_ADDRESS;
}
