// Program headers, .eh_frame_hdr and the build id note, all from mapped pages.
#include "recorder/loaded.h"

#include <string.h>

#include "base/pages.h"
#include "base/reader.h"
#include "unwind/compile.h"
#include "unwind/rows.h"

bool loaded_find_code(const struct loaded_file *file, struct loaded_code *out)
{
	uint64_t start = UINT64_MAX, limit = 0, offset = 0;

	for (size_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		uint64_t page = segment->p_vaddr & ~(uint64_t)4095;

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0)
			continue;
		if (page < start) {
			start = page;
			offset = segment->p_offset & ~(uint64_t)4095;
		}
		if (segment->p_vaddr + segment->p_memsz > limit)
			limit = segment->p_vaddr + segment->p_memsz;
	}
	*out = (struct loaded_code){ start + file->bias,
				     ((limit + 4095) & ~(uint64_t)4095) + file->bias,
				     offset };
	return start < limit;
}

bool loaded_from_page(uintptr_t start, uint64_t bias, const char *name,
		      struct loaded_file *out)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)start;

	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff > 4096 ||
	    header->e_phoff + header->e_phnum * sizeof(Elf64_Phdr) > 4096)
		return false;
	*out = (struct loaded_file){ bias, (const Elf64_Phdr *)(start + header->e_phoff),
				     header->e_phnum, name };
	return true;
}

// The mapped bytes from an address of the file to the end of its segment.
static struct reader bytes_from(const struct loaded_file *file, uint64_t address)
{
	for (size_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		uint64_t offset = address - segment->p_vaddr;

		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_R) != 0 &&
		    offset < segment->p_filesz)
			return reader_from(
				(const void *)(uintptr_t)(file->bias + address),
				segment->p_filesz - offset);
	}
	return reader_from(NULL, 0);
}

// .eh_frame_hdr: version 1, three encodings, then where .eh_frame is. LSB 10.6.2.
static struct eh_section find_section(const struct loaded_file *file,
				      const Elf64_Phdr *header)
{
	enum { PC_RELATIVE_S32 = 0x1b };
	struct reader r = bytes_from(file, header->p_vaddr);
	uint64_t address;

	if (reader_u8(&r) != 1 || reader_u8(&r) != PC_RELATIVE_S32)
		return (struct eh_section){ 0 };
	reader_skip(&r, 2);
	address = header->p_vaddr + 4 + (uint64_t)(int64_t)(int32_t)reader_u32(&r);
	r = bytes_from(file, address);
	return (struct eh_section){ .bytes = r.p,
				    .size = reader_left(&r),
				    .address = address,
				    .ends_at_zero = true };
}

// Few rows are of the kind that needs the section itself while a stack is walked; the
// file may be unmapped by then.
static void keep_section(struct unwind_table *table)
{
	struct eh_section *section = &table->sections[RANGE_EH_FRAME];
	uint8_t *copy = NULL;
	bool is_needed = false;

	for (size_t i = 0; i < table->row_count && !is_needed; i++)
		is_needed = table->rows[i].kind == ROW_FULL;
	if (is_needed)
		copy = pages_map(section->size);
	if (copy == NULL) {
		section->size = 0;
		return;
	}
	memcpy(copy, section->bytes, section->size);
	section->bytes = copy;
}

struct unwind_table *loaded_compile(const struct loaded_file *file, uint64_t entry)
{
	struct compile_source source = { .entry = entry == 0 ? 0 : entry - file->bias };
	struct unwind_table *table = NULL;
	struct loaded_code code;

	if (!loaded_find_code(file, &code))
		return NULL;
	source.start = code.start - file->bias;
	source.limit = code.limit - file->bias;
	for (size_t i = 0; i < file->segment_count; i++) {
		if (file->segments[i].p_type == PT_GNU_EH_FRAME)
			source.sections[0] = find_section(file, &file->segments[i]);
	}
	source.sections[1].is_debug_frame = true;
	if (source.sections[0].size > 0)
		table = compile_table(&source);
	if (table != NULL)
		keep_section(table);
	return table;
}

static void put_hex(char *text, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

// Notes: sizes of name and description, type, name, description, padded to 4 bytes.
static bool find_build_id(struct reader notes, char *text)
{
	while (reader_left(&notes) > 0) {
		uint32_t name_size = reader_u32(&notes);
		uint32_t size = reader_u32(&notes);
		uint32_t type = reader_u32(&notes);
		const uint8_t *name =
			reader_bytes(&notes, ((uint64_t)name_size + 3) & ~3u);
		const uint8_t *id = reader_bytes(&notes, ((uint64_t)size + 3) & ~3u);

		if (!reader_ok(&notes))
			return false;
		if (type != NT_GNU_BUILD_ID || name_size != 4 ||
		    memcmp(name, "GNU", 4) != 0 || size > LOADED_BUILD_ID_MAX / 2)
			continue;
		put_hex(text, id, size);
		return true;
	}
	return false;
}

void loaded_build_id(const struct loaded_file *file, char text[LOADED_BUILD_ID_MAX + 1])
{
	text[0] = '\0';
	for (size_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		struct reader notes = bytes_from(file, segment->p_vaddr);

		if (segment->p_type != PT_NOTE)
			continue;
		if (find_build_id(reader_sub(&notes, segment->p_filesz), text))
			return;
	}
}
