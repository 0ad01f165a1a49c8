// Reads ELF files: headers into aligned copies, contents as bounded views.
#include "binary/elf.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/inflate.h"
#include "base/reader.h"

// glibc 2.36's elf.h ends at zlib.
enum { COMPRESSED_ZSTD = 2 };

// Bytes [offset, offset + size) of the file; empty unless all of them are there.
static struct str file_bytes(const struct elf *elf, uint64_t offset, uint64_t size)
{
	if (offset > elf->view.size || size > elf->view.size - offset)
		return STR("");
	return (struct str){ (const char *)elf->view.bytes + offset, size };
}

static bool check_ident(const uint8_t *ident, struct error *err)
{
	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		return error_set(err, ERROR_FORMAT, "not an ELF file");
	if (ident[EI_CLASS] != ELFCLASS64)
		return error_set(err, ERROR_UNSUPPORTED,
				 "a 32-bit ELF file; only 64-bit ones can be read");
	if (ident[EI_DATA] != ELFDATA2LSB)
		return error_set(err, ERROR_UNSUPPORTED,
				 "a big-endian ELF file; only little-endian ones can be "
				 "read");
	return true;
}

// Counts too large for the header's 16 bits stand in the first section header instead.
static void resolve_extended_counts(const struct elf *elf, const Elf64_Ehdr *header,
				    uint64_t *sections, uint32_t *names,
				    uint32_t *segments)
{
	struct str first = file_bytes(elf, header->e_shoff, sizeof(Elf64_Shdr));
	Elf64_Shdr section = { 0 };

	if (header->e_shoff != 0 && first.n == sizeof(section))
		memcpy(&section, first.p, sizeof(section));
	*sections = header->e_shnum == 0 ? section.sh_size : header->e_shnum;
	*names = header->e_shstrndx == SHN_XINDEX ? section.sh_link : header->e_shstrndx;
	*segments = header->e_phnum == PN_XNUM ? section.sh_info : header->e_phnum;
}

// Whole table or nothing: a file cut short keeps what can still be trusted.
static struct str table_bytes(const struct elf *elf, uint64_t offset, uint64_t count,
			      size_t entry_size, size_t stated_size)
{
	if (offset == 0 || stated_size != entry_size ||
	    count > elf->view.size / entry_size)
		return STR("");
	return file_bytes(elf, offset, count * entry_size);
}

static void load_segments(struct elf *elf, const Elf64_Ehdr *header, uint32_t count)
{
	struct str table = table_bytes(elf, header->e_phoff, count, sizeof(Elf64_Phdr),
				       header->e_phentsize);

	if (table.n == 0)
		return;
	Elf64_Phdr *segments = arena_alloc(&elf->arena, table.n);

	memcpy(segments, table.p, table.n);
	elf->segments = segments;
	elf->segment_count = count;
}

static struct elf_section section_from_header(const Elf64_Shdr *header, struct str names)
{
	struct reader name = reader_from_str(str_after(names, header->sh_name));

	return (struct elf_section){
		.name = reader_cstr(&name),
		.type = header->sh_type,
		.flags = header->sh_flags,
		.address = header->sh_addr,
		.offset = header->sh_offset,
		.size = header->sh_size,
		.entry_size = header->sh_entsize,
		.link = header->sh_link,
	};
}

static void load_sections(struct elf *elf, const Elf64_Ehdr *header, uint64_t count,
			  uint32_t names_index)
{
	struct str table = table_bytes(elf, header->e_shoff, count, sizeof(Elf64_Shdr),
				       header->e_shentsize);
	struct str names = STR("");
	Elf64_Shdr section;

	if (table.n == 0)
		return;
	if (names_index < count) {
		memcpy(&section, table.p + names_index * sizeof(section),
		       sizeof(section));
		if (section.sh_type != SHT_NOBITS)
			names = file_bytes(elf, section.sh_offset, section.sh_size);
	}
	elf->section_count = count;
	elf->sections = arena_array(&elf->arena, count, sizeof(*elf->sections));
	elf->inflated = arena_array(&elf->arena, count, sizeof(*elf->inflated));
	for (size_t i = 0; i < count; i++) {
		memcpy(&section, table.p + i * sizeof(section), sizeof(section));
		elf->sections[i] = section_from_header(&section, names);
	}
}

static bool load(struct elf *elf, struct error *err)
{
	Elf64_Ehdr header;
	uint64_t sections;
	uint32_t names, segments;

	if (elf->view.size < sizeof(header))
		return error_set(err, ERROR_FORMAT,
				 "not an ELF file: %zu bytes are too few for a header",
				 elf->view.size);
	memcpy(&header, elf->view.bytes, sizeof(header));
	if (!check_ident(header.e_ident, err))
		return false;
	elf->type = header.e_type;
	elf->machine = header.e_machine;
	elf->entry = header.e_entry;
	resolve_extended_counts(elf, &header, &sections, &names, &segments);
	load_segments(elf, &header, segments);
	load_sections(elf, &header, sections, names);
	elf->build_id = elf_note(elf, ELF_NOTE_GNU, NT_GNU_BUILD_ID);
	return true;
}

bool elf_from_view_take(struct file_view view, const char *name, struct elf **out,
			struct error *err)
{
	struct elf *elf = calloc(1, sizeof(*elf));

	if (elf == NULL)
		arena_out_of_memory(sizeof(*elf));
	elf->view = view;
	if (!load(elf, err)) {
		elf_close(elf);
		return error_wrap(err, "%s", name);
	}
	*out = elf;
	return true;
}

bool elf_open(const char *path, struct elf **out, struct error *err)
{
	struct file_view view;

	return file_view_open_mapped(path, &view, err) &&
	       elf_from_view_take(view, path, out, err);
}

void elf_close(struct elf *elf)
{
	if (elf == NULL)
		return;
	for (size_t i = 0; i < elf->section_count; i++)
		free((char *)elf->inflated[i].p);
	file_view_close(&elf->view);
	arena_deinit(&elf->arena);
	free(elf);
}

const struct elf_section *elf_find_section(const struct elf *elf, const char *name)
{
	struct str wanted = str_from(name);

	for (size_t i = 0; i < elf->section_count; i++)
		if (str_equal(elf->sections[i].name, wanted))
			return &elf->sections[i];
	return NULL;
}

// How the bytes of a section are packed, and what they become.
struct packing {
	uint32_t type; // ELFCOMPRESS_*, 0: not packed
	uint64_t size; // unpacked
	struct str bytes;
};

static struct packing section_packing(const struct elf_section *section, struct str bytes)
{
	struct packing packing = { 0, bytes.n, bytes };

	if ((section->flags & SHF_COMPRESSED) != 0) {
		Elf64_Chdr header;

		if (bytes.n < sizeof(header))
			return (struct packing){ 0 };
		memcpy(&header, bytes.p, sizeof(header));
		packing.type = header.ch_type;
		packing.size = header.ch_size;
		packing.bytes = str_after(bytes, sizeof(header));
	} else if (str_starts_with(section->name, STR(".zdebug_")) &&
		   str_starts_with(bytes, STR("ZLIB")) && bytes.n >= 12) {
		// GNU's older form: "ZLIB", then the size as eight big-endian bytes.
		uint64_t size;

		memcpy(&size, bytes.p + 4, sizeof(size));
		packing.type = ELFCOMPRESS_ZLIB;
		packing.size = __builtin_bswap64(size);
		packing.bytes = str_after(bytes, 12);
	}
	return packing;
}

// Debug information never packs better than this; a bomb does.
static bool is_plausible(const struct packing *packing)
{
	enum { RATIO_LIMIT = 2000 };

	return packing->size > 0 && packing->size <= INFLATE_LIMIT &&
	       packing->size / RATIO_LIMIT <= packing->bytes.n;
}

static struct str unpack(const struct packing *packing)
{
	struct error ignored;
	uint8_t *plain = NULL;
	size_t size = packing->size;
	bool ok = false;

	if (!is_plausible(packing))
		return STR("");
	if (packing->type == ELFCOMPRESS_ZLIB) {
		plain = malloc(size);
		if (plain == NULL)
			arena_out_of_memory(size);
		ok = inflate_zlib(packing->bytes, plain, size, &ignored);
	} else if (packing->type == COMPRESSED_ZSTD) {
		ok = inflate_zstd(packing->bytes, &plain, &size, &ignored) &&
		     size == packing->size;
	}
	if (!ok) {
		free(plain);
		return STR("");
	}
	return (struct str){ (char *)plain, size };
}

struct str elf_contents(struct elf *elf, const struct elf_section *section)
{
	if (section == NULL || section->type == SHT_NOBITS)
		return STR("");
	size_t index = (size_t)(section - elf->sections);

	assert(index < elf->section_count);
	if (elf->inflated[index].p != NULL)
		return elf->inflated[index];
	struct packing packing =
		section_packing(section, file_bytes(elf, section->offset, section->size));

	if (packing.type == 0)
		return packing.bytes;
	struct str plain = unpack(&packing);

	if (plain.n > 0)
		elf->inflated[index] = plain;
	return plain;
}

struct str elf_named_contents(struct elf *elf, const char *name)
{
	const struct elf_section *section = elf_find_section(elf, name);
	struct str debug = str_from(name);

	if (section != NULL || !str_starts_with(debug, STR(".debug_")))
		return elf_contents(elf, section);
	// GNU's older packed form of .debug_x is called .zdebug_x.
	for (size_t i = 0; i < elf->section_count; i++) {
		section = &elf->sections[i];
		if (str_starts_with(section->name, STR(".z")) &&
		    str_equal(str_after(section->name, 2), str_after(debug, 1)))
			return elf_contents(elf, section);
	}
	return STR("");
}

struct str elf_at_address(const struct elf *elf, uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		uint64_t skip = address - segment->p_vaddr;

		if (segment->p_type != PT_LOAD || address < segment->p_vaddr ||
		    skip >= segment->p_filesz || size > segment->p_filesz - skip ||
		    segment->p_offset > UINT64_MAX - skip)
			continue;
		return file_bytes(elf, segment->p_offset + skip, size);
	}
	return STR("");
}

enum { PAGE_MASK = 4095 };

bool elf_address_of_offset(const struct elf *elf, uint64_t offset, uint64_t *address)
{
	// Mappings start at the page that a segment starts in, which may lie before it.
	for (uint64_t slack = 0; slack <= PAGE_MASK; slack += PAGE_MASK) {
		for (size_t i = 0; i < elf->segment_count; i++) {
			const Elf64_Phdr *segment = &elf->segments[i];

			if (segment->p_type != PT_LOAD ||
			    (segment->p_flags & PF_X) == 0 ||
			    offset < (segment->p_offset & ~slack) ||
			    (offset >= segment->p_offset &&
			     offset - segment->p_offset >= segment->p_filesz))
				continue;
			*address = offset - segment->p_offset + segment->p_vaddr;
			return true;
		}
	}
	return false;
}

// gABI "Note Section": 4-byte sizes of name and description and a type, then both, each
// padded to the alignment.
static bool find_note(struct str notes, uint64_t alignment, struct str owner,
		      uint32_t type, struct str *description)
{
	struct reader r = reader_from_str(notes);
	uint64_t mask = alignment == 8 ? 7 : 3;

	while (reader_left(&r) >= sizeof(Elf64_Nhdr)) {
		uint32_t name_size = reader_u32(&r), size = reader_u32(&r);
		uint32_t note_type = reader_u32(&r);
		struct reader name = reader_sub(&r, name_size);

		reader_skip(&r, -reader_offset(&r) & mask);
		const uint8_t *bytes = reader_bytes(&r, size);

		if (!reader_ok(&r))
			return false;
		if (note_type == type && str_equal(reader_cstr(&name), owner)) {
			*description = (struct str){ (const char *)bytes, size };
			return true;
		}
		// The last note's padding may be missing.
		uint64_t padding = -reader_offset(&r) & mask;

		reader_skip(&r, padding < reader_left(&r) ? padding : reader_left(&r));
	}
	return false;
}

// Sections first: the segments of a split debug file point at bytes it does not hold.
struct str elf_note(const struct elf *elf, const char *owner, uint32_t type)
{
	struct str wanted = str_from(owner), found;

	for (size_t i = 0; i < elf->section_count; i++) {
		const struct elf_section *section = &elf->sections[i];
		uint64_t alignment =
			str_equal(section->name, STR(".note.gnu.property")) ? 8 : 4;

		if (section->type == SHT_NOTE &&
		    find_note(file_bytes(elf, section->offset, section->size), alignment,
			      wanted, type, &found))
			return found;
	}
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];

		if (segment->p_type == PT_NOTE &&
		    find_note(file_bytes(elf, segment->p_offset, segment->p_filesz),
			      segment->p_align, wanted, type, &found))
			return found;
	}
	return STR("");
}
