// Reads call frame information entries; an entry that cannot be understood is left out.
//
//   length u32 (or ffffffff + u64), id, then
//   CIE: version, augmentation, [address size, segment size], code align, data align,
//        return register, augmentation data, instructions
//   FDE: id is where its CIE is; start, size, augmentation data, instructions
#include "unwind/eh_frame.h"

#include "base/str.h"

enum pointer_encoding {
	ENCODING_ABSOLUTE = 0x00,
	ENCODING_ULEB = 0x01,
	ENCODING_U16 = 0x02,
	ENCODING_U32 = 0x03,
	ENCODING_U64 = 0x04,
	ENCODING_SLEB = 0x09,
	ENCODING_S16 = 0x0a,
	ENCODING_S32 = 0x0b,
	ENCODING_S64 = 0x0c,
	ENCODING_FORMAT = 0x0f,
	ENCODING_PC_RELATIVE = 0x10,
	ENCODING_TEXT_RELATIVE = 0x20,
	ENCODING_DATA_RELATIVE = 0x30,
	ENCODING_FUNCTION_RELATIVE = 0x40,
	ENCODING_ALIGNED = 0x50,
	ENCODING_BASE = 0x70,
	ENCODING_INDIRECT = 0x80,
	ENCODING_OMIT = 0xff,
};

// An entry after its length word: body ends where the entry does.
struct entry {
	struct reader body;
	uint64_t offset, id, id_offset;
	bool is_64_bit;
};

static uint64_t read_format(struct reader *r, unsigned format)
{
	switch (format) {
	case ENCODING_ABSOLUTE:
	case ENCODING_U64:
	case ENCODING_S64:
		return reader_u64(r);
	case ENCODING_ULEB:
		return reader_uleb(r);
	case ENCODING_U16:
		return reader_u16(r);
	case ENCODING_U32:
		return reader_u32(r);
	case ENCODING_SLEB:
		return (uint64_t)reader_sleb(r);
	case ENCODING_S16:
		return (uint64_t)(int64_t)(int16_t)reader_u16(r);
	case ENCODING_S32:
		return (uint64_t)(int64_t)(int32_t)reader_u32(r);
	default:
		reader_fail(r);
		return 0;
	}
}

// Indirect pointers need the loaded program and never occur for the start of code: the
// value is then of no use, but it is skipped correctly.
static uint64_t read_pointer(const struct eh_section *section, struct reader *r,
			     unsigned encoding)
{
	uint64_t address = section->address + (size_t)(r->p - section->bytes);
	uint64_t value;

	if (encoding == ENCODING_OMIT)
		return 0;
	if ((encoding & ENCODING_BASE) == ENCODING_ALIGNED) {
		reader_skip(r, -address & 7);
		return reader_u64(r);
	}
	value = read_format(r, encoding & ENCODING_FORMAT);
	switch (encoding & ENCODING_BASE) {
	case ENCODING_PC_RELATIVE:
		return value + address;
	case ENCODING_TEXT_RELATIVE:
		return value + section->text;
	case ENCODING_DATA_RELATIVE:
		return value + section->data;
	case ENCODING_ABSOLUTE:
	case ENCODING_FUNCTION_RELATIVE:
		return value;
	default:
		reader_fail(r);
		return 0;
	}
}

static bool read_entry(const struct eh_section *section, size_t offset,
		       struct entry *entry)
{
	struct reader r = reader_from(section->bytes, section->size);
	uint64_t length;

	reader_seek(&r, offset);
	length = reader_u32(&r);
	*entry = (struct entry){ .offset = offset };
	if (length == UINT32_MAX) {
		entry->is_64_bit = true;
		length = reader_u64(&r);
	}
	entry->id_offset = reader_offset(&r);
	entry->body.start = r.start;
	entry->body.p = reader_bytes(&r, length);
	entry->body.end = r.p;
	if (!reader_ok(&r))
		return false;
	if (length > 0)
		entry->id = entry->is_64_bit && section->is_debug_frame
				    ? reader_u64(&entry->body)
				    : reader_u32(&entry->body);
	return reader_ok(&entry->body);
}

static bool is_cie(const struct eh_section *section, const struct entry *entry)
{
	if (!section->is_debug_frame)
		return entry->id == 0;
	return entry->id == (entry->is_64_bit ? UINT64_MAX : UINT32_MAX);
}

static void read_augmentation(const struct eh_section *section, struct str text,
			      struct reader *r, struct eh_cie *cie)
{
	for (size_t i = 1; i < text.n; i++) {
		switch (text.p[i]) {
		case 'R':
			cie->pointer_encoding = reader_u8(r);
			break;
		case 'P':
			read_pointer(section, r, reader_u8(r));
			break;
		case 'L':
			reader_skip(r, 1);
			break;
		case 'S':
			cie->is_signal_frame = true;
			break;
		case 'B': // aarch64's second signing key
			break;
		default: // the size of the whole is known, so what follows is skipped
			return;
		}
	}
}

static bool read_cie(const struct eh_section *section, uint64_t offset,
		     struct eh_cie *cie)
{
	struct entry entry;

	if (!read_entry(section, offset, &entry) || !is_cie(section, &entry))
		return false;

	struct reader *r = &entry.body;
	unsigned version = reader_u8(r);
	struct str augmentation = reader_cstr(r);

	*cie = (struct eh_cie){ .offset = offset };
	if (version != 1 && version != 3 && version != 4)
		return false;
	if (augmentation.n >= 2 && memcmp(augmentation.p, "eh", 2) == 0)
		reader_skip(r, 8); // gcc 2: a pointer to language data
	if (version == 4 && (reader_u8(r) != 8 || reader_u8(r) != 0))
		return false;
	cie->code_align = reader_uleb(r);
	cie->data_align = reader_sleb(r);
	cie->return_register =
		(uint8_t)(version == 1 ? reader_u8(r) : reader_uleb(r) & 0xff);
	if (augmentation.n > 0 && augmentation.p[0] == 'z') {
		struct reader data = reader_sub(r, reader_uleb(r));

		cie->has_augmentation_size = true;
		read_augmentation(section, augmentation, &data, cie);
		if (!reader_ok(&data))
			return false;
	} else if (augmentation.n > 0 && augmentation.p[0] != 'e') {
		return false;
	}
	cie->instructions = (uint32_t)reader_offset(r);
	cie->limit = (uint32_t)(r->end - r->start);
	return reader_ok(r) && cie->code_align <= 64;
}

static bool select_cie(struct eh_cursor *cursor, const struct entry *entry)
{
	uint64_t offset = entry->id;

	if (!cursor->section->is_debug_frame) {
		if (entry->id > entry->id_offset)
			return false;
		offset = entry->id_offset - entry->id;
	}
	if (cursor->has_cie && cursor->cie.offset == offset)
		return true;
	cursor->has_cie = read_cie(cursor->section, offset, &cursor->cie);
	return cursor->has_cie;
}

static bool read_fde(struct eh_cursor *cursor, struct entry *entry, struct eh_fde *out)
{
	struct reader *r = &entry->body;

	if (!select_cie(cursor, entry))
		return false;

	const struct eh_cie *cie = &cursor->cie;
	unsigned encoding = cie->pointer_encoding;

	out->cie = cie;
	out->offset = (uint32_t)entry->offset;
	out->start = read_pointer(cursor->section, r, encoding);
	out->size = read_format(r, encoding & ENCODING_FORMAT);
	if (cie->has_augmentation_size)
		reader_skip(r, reader_uleb(r));
	out->instructions = (uint32_t)reader_offset(r);
	out->limit = (uint32_t)(r->end - r->start);
	return reader_ok(r) && (encoding & ENCODING_INDIRECT) == 0;
}

bool eh_fde_at(struct eh_cursor *cursor, size_t offset, struct eh_fde *out)
{
	struct entry entry;

	return read_entry(cursor->section, offset, &entry) &&
	       !is_cie(cursor->section, &entry) && read_fde(cursor, &entry, out);
}

bool eh_next(struct eh_cursor *cursor, struct eh_fde *out)
{
	const struct eh_section *section = cursor->section;

	while (cursor->next < section->size) {
		struct entry entry;

		if (!read_entry(section, cursor->next, &entry)) {
			cursor->damaged++;
			cursor->next = section->size;
			return false;
		}
		cursor->next = (size_t)(entry.body.end - entry.body.start);
		if (entry.id_offset == cursor->next) {
			// crtend.o closes .eh_frame so; relocatable links keep inner
			// ones.
			if (section->ends_at_zero)
				cursor->next = section->size;
			continue;
		}
		if (is_cie(section, &entry))
			continue;
		if (read_fde(cursor, &entry, out))
			return true;
		cursor->damaged++;
	}
	return false;
}
