// Finds the pclntab of a Go program, stripped or not, and the parts it is made of.
//
//   1.2   magic, 0, 0, quantum, pointer size; count; {pc, offset}[count]; end pc;
//         u32 offset of the file table
//   1.16  ...; count, files, then offsets of names, units, files, values, functions
//   1.18  ...; count, files, text start, then the same offsets; {u32, u32}[count]
#include <string.h>

#include "base/reader.h"
#include "binary/elf.h"
#include "binary/pclntab_layout.h"

enum { HEADER_SIZE = 8, POINTER_SIZE = 8, FUNCTIONS_LIMIT = 1 << 26 };

static bool version_from_magic(uint32_t magic, enum pclntab_version *version)
{
	switch (magic) {
	case 0xfffffffb:
		*version = PCLNTAB_1_2;
		return true;
	case 0xfffffffa:
		*version = PCLNTAB_1_16;
		return true;
	case 0xfffffff0:
		*version = PCLNTAB_1_18;
		return true;
	case 0xfffffff1:
		*version = PCLNTAB_1_20;
		return true;
	default:
		return false;
	}
}

static bool read_magic(struct reader *r, struct pclntab *out)
{
	if (!version_from_magic(reader_u32(r), &out->version) || reader_u16(r) != 0)
		return false;
	out->quantum = reader_u8(r);
	return (out->quantum == 1 || out->quantum == 2 || out->quantum == 4) &&
	       reader_u8(r) == POINTER_SIZE;
}

static struct str part(const struct pclntab *table, uint64_t offset)
{
	if (offset > table->table.n)
		return (struct str){ table->table.p, 0 };
	return (struct str){ table->table.p + offset, table->table.n - offset };
}

// Before 1.16 all offsets count from the start of the table.
static bool read_parts_1_2(struct reader *r, struct pclntab *out)
{
	out->names = out->units = out->values = out->table;
	out->functions = part(out, reader_offset(r));
	reader_skip(r, out->function_count * 2 * POINTER_SIZE + POINTER_SIZE);

	struct reader files = reader_from_str(out->table);

	reader_seek(&files, reader_u32(r));
	out->files = part(out, reader_offset(&files));
	out->file_count = reader_u32(&files);
	return reader_ok(r) && reader_ok(&files);
}

static bool read_parts(struct reader *r, struct pclntab *out)
{
	reader_u64(r); // number of files
	if (out->version >= PCLNTAB_1_18)
		out->text_start = reader_u64(r);
	out->names = part(out, reader_u64(r));
	out->units = part(out, reader_u64(r));
	out->files = part(out, reader_u64(r));
	out->values = part(out, reader_u64(r));
	out->functions = part(out, reader_u64(r));

	uint64_t entry = out->version >= PCLNTAB_1_18 ? 8 : 16;

	return reader_ok(r) &&
	       out->function_count * entry + entry / 2 <= out->functions.n;
}

static bool read_header(struct str bytes, uint64_t address, struct pclntab *out)
{
	struct reader r = reader_from_str(bytes);

	out->table = bytes;
	out->address = address;
	if (!read_magic(&r, out))
		return false;
	out->function_count = reader_u64(&r);
	if (out->function_count == 0 || out->function_count > FUNCTIONS_LIMIT)
		return false;
	return out->version == PCLNTAB_1_2 ? read_parts_1_2(&r, out)
					   : read_parts(&r, out);
}

static bool find_by_section(struct elf *elf, struct pclntab *out)
{
	static const char *const names[] = { ".gopclntab", ".data.rel.ro.gopclntab" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct elf_section *section = elf_find_section(elf, names[i]);

		if (section != NULL &&
		    read_header(elf_contents(elf, section), section->address, out))
			return true;
	}
	return false;
}

static struct str segment_bytes(const struct elf *elf, const Elf64_Phdr *segment)
{
	return segment->p_type == PT_LOAD
		       ? elf_at_address(elf, segment->p_vaddr, segment->p_filesz)
		       : STR("");
}

// Looks for the header in one segment: its bytes 4 to 7 hardly occur elsewhere.
static bool find_in_segment(struct str bytes, uint64_t address, struct pclntab *out)
{
	for (size_t i = 0; i + HEADER_SIZE <= bytes.n; i += 8) {
		struct str rest = { bytes.p + i, bytes.n - i };

		if ((uint8_t)bytes.p[i + 3] == 0xff && bytes.p[i + 4] == 0 &&
		    bytes.p[i + 5] == 0 && bytes.p[i + 7] == POINTER_SIZE &&
		    read_header(rest, address + i, out))
			return true;
	}
	return false;
}

static bool has_section_headers(const struct elf *elf)
{
	return elf->section_count > 1;
}

// Go's linker puts the table into data that is not executable; C files are not searched
// unless their section headers are gone.
static bool find_by_magic(struct elf *elf, struct pclntab *out)
{
	if (has_section_headers(elf) && elf_find_section(elf, ".go.buildinfo") == NULL &&
	    elf_find_section(elf, ".note.go.buildid") == NULL)
		return false;
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		struct str bytes = segment_bytes(elf, segment);

		if ((segment->p_flags & PF_X) == 0 &&
		    find_in_segment(bytes, segment->p_vaddr, out))
			return true;
	}
	return false;
}

// Words of runtime.moduledata. Up to 1.15 text is at 12, but is not needed.
enum {
	MODULE_TEXT = 22,
	MODULE_TYPES_1_18 = 35,
	MODULE_TYPES_1_20 = 37,
	MODULE_WORDS = 48,
	// Words that look like a moduledata and are none, before giving up.
	CANDIDATES = 32,
};

// The first words of a moduledata, relocations applied.
struct module_words {
	uint64_t address;
	uint64_t word[MODULE_WORDS];
};

static struct reader relocations(struct elf *elf)
{
	struct reader r = reader_from_str(elf_named_contents(elf, ".rela.dyn"));

	// What Go's own linker calls it.
	if (reader_left(&r) == 0)
		r = reader_from_str(elf_named_contents(elf, ".rela"));
	return r;
}

static void relocate(struct elf *elf, struct module_words *module)
{
	struct reader r = relocations(elf);

	while (reader_left(&r) >= sizeof(Elf64_Rela)) {
		uint64_t where = reader_u64(&r) - module->address;
		uint64_t type = reader_u64(&r), value = reader_u64(&r);

		if (type == R_X86_64_RELATIVE && where % 8 == 0 &&
		    where / 8 < MODULE_WORDS)
			module->word[where / 8] = value;
	}
}

static bool load_module(struct elf *elf, const struct pclntab *table, uint64_t address,
			struct module_words *module)
{
	struct str bytes = elf_at_address(elf, address, sizeof(module->word));
	uint64_t names = table->address + (size_t)(table->names.p - table->table.p);

	if (bytes.n == 0)
		return false;
	module->address = address;
	memcpy(module->word, bytes.p, sizeof(module->word));
	relocate(elf, module);
	return module->word[0] == table->address && module->word[1] == names;
}

// Position independent files name the pclntab in a relocation instead of in place.
static bool find_relocated_module(struct elf *elf, const struct pclntab *table,
				  struct module_words *module)
{
	struct reader r = relocations(elf);
	unsigned tries = 0;

	while (reader_left(&r) >= sizeof(Elf64_Rela)) {
		uint64_t where = reader_u64(&r), type = reader_u64(&r);

		if (reader_u64(&r) == table->address && type == R_X86_64_RELATIVE &&
		    tries++ < CANDIDATES && load_module(elf, table, where, module))
			return true;
	}
	return false;
}

static bool find_module(struct elf *elf, const struct pclntab *table,
			struct module_words *module)
{
	unsigned tries = 0;

	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		struct str bytes = segment_bytes(elf, segment);

		for (size_t at = 0; at + 8 <= bytes.n; at += 8) {
			uint64_t word;

			memcpy(&word, bytes.p + at, sizeof(word));
			if (word == table->address && tries++ < CANDIDATES &&
			    load_module(elf, table, segment->p_vaddr + at, module))
				return true;
		}
	}
	return find_relocated_module(elf, table, module);
}

// types, etypes, rodata, gofunc follow each other; 1.27 put three words in between.
static uint64_t function_data_of(const struct pclntab *table,
				 const struct module_words *module)
{
	size_t types =
		table->version == PCLNTAB_1_18 ? MODULE_TYPES_1_18 : MODULE_TYPES_1_20;
	bool is_1_27 = module->word[types + 1] < module->word[types];

	return module->word[types + (is_1_27 ? 6 : 3)];
}

static void apply_module(struct elf *elf, struct pclntab *table)
{
	const struct elf_section *text = elf_find_section(elf, ".text");
	struct module_words module;

	if (find_module(elf, table, &module)) {
		table->text_start = module.word[MODULE_TEXT];
		table->function_data = function_data_of(table, &module);
	} else if (table->text_start == 0 && text != NULL) {
		table->text_start = text->address;
	}
}

bool pclntab_locate(struct elf *elf, struct pclntab *out)
{
	struct pclntab table = { .elf = elf };

	if (!find_by_section(elf, &table) && !find_by_magic(elf, &table))
		return false;
	if (table.version >= PCLNTAB_1_18)
		apply_module(elf, &table);
	*out = table;
	return true;
}
