// Walks the table once; each symbol looks for the queries that it covers.
#include "binary/symbol_scan.h"

#include <elf.h>
#include <string.h>

static bool copy_at(struct str image, uint64_t offset, void *out, size_t size)
{
	if (offset > image.n || image.n - offset < size)
		return false;
	memcpy(out, image.p + offset, size);
	return true;
}

static bool read_header(struct str image, Elf64_Ehdr *out)
{
	return copy_at(image, 0, out, sizeof(*out)) &&
	       memcmp(out->e_ident, ELFMAG, SELFMAG) == 0 &&
	       out->e_ident[EI_CLASS] == ELFCLASS64 &&
	       out->e_ident[EI_DATA] == ELFDATA2LSB;
}

bool symbol_scan_address(struct str image, uint64_t offset, uint64_t *address)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	if (!read_header(image, &header) || header.e_phentsize != sizeof(segment))
		return false;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		if (header.e_phoff > image.n ||
		    !copy_at(image, header.e_phoff + i * sizeof(segment), &segment,
			     sizeof(segment)))
			return false;
		if (segment.p_type != PT_LOAD || offset < segment.p_offset ||
		    offset - segment.p_offset >= segment.p_filesz)
			continue;
		*address = segment.p_vaddr + (offset - segment.p_offset);
		return true;
	}
	return false;
}

static bool read_section(struct str image, const Elf64_Ehdr *header, uint32_t index,
			 Elf64_Shdr *out)
{
	return header->e_shentsize == sizeof(*out) && index < header->e_shnum &&
	       header->e_shoff <= image.n &&
	       copy_at(image, header->e_shoff + index * sizeof(*out), out, sizeof(*out));
}

static struct str contents(struct str image, const Elf64_Shdr *section)
{
	if (section->sh_type == SHT_NOBITS || section->sh_offset > image.n ||
	    image.n - section->sh_offset < section->sh_size)
		return STR("");
	return (struct str){ image.p + section->sh_offset, section->sh_size };
}

// The table of that type, and its names.
static bool find_table(struct str image, uint32_t type, struct str *table,
		       struct str *names)
{
	Elf64_Ehdr header;
	Elf64_Shdr section, strings;

	if (!read_header(image, &header))
		return false;
	for (uint32_t i = 0; read_section(image, &header, i, &section); i++) {
		if (section.sh_type != type ||
		    !read_section(image, &header, section.sh_link, &strings))
			continue;
		*table = contents(image, &section);
		*names = contents(image, &strings);
		return table->n > 0 && names->n > 0;
	}
	return false;
}

static struct str name_at(struct str names, uint32_t offset)
{
	struct str rest = offset < names.n ? str_after(names, offset) : STR("");
	size_t length = strnlen(rest.p, rest.n);
	const char *version = memchr(rest.p, '@', length);

	if (version != NULL && version != rest.p)
		length = (size_t)(version - rest.p);
	return str_slice(rest, 0, length);
}

static size_t first_from(const struct symbol_scan_query *queries, size_t count,
			 uint64_t address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (queries[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_better(const struct symbol_scan_query *query, const Elf64_Sym *symbol)
{
	bool is_global = ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL;

	if (query->name.n == 0 || symbol->st_value != query->start)
		return query->name.n == 0 || symbol->st_value > query->start;
	return is_global && !query->is_global;
}

static void offer(const Elf64_Sym *symbol, struct str names,
		  struct symbol_scan_query *queries, size_t count)
{
	size_t i = first_from(queries, count, symbol->st_value);

	for (; i < count && queries[i].address - symbol->st_value < symbol->st_size;
	     i++) {
		struct str name = name_at(names, symbol->st_name);

		if (name.n == 0 || !is_better(&queries[i], symbol))
			continue;
		queries[i].name = name;
		queries[i].start = symbol->st_value;
		queries[i].is_global = ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL;
	}
}

void symbol_scan(struct str image, struct symbol_scan_query *queries, size_t count)
{
	struct str table, names;
	Elf64_Sym symbol;

	if (!find_table(image, SHT_SYMTAB, &table, &names) &&
	    !find_table(image, SHT_DYNSYM, &table, &names))
		return;
	for (size_t at = 0; table.n - at >= sizeof(symbol); at += sizeof(symbol)) {
		unsigned type;

		memcpy(&symbol, table.p + at, sizeof(symbol));
		type = ELF64_ST_TYPE(symbol.st_info);
		if ((type == STT_FUNC || type == STT_GNU_IFUNC) &&
		    symbol.st_shndx != SHN_UNDEF)
			offer(&symbol, names, queries, count);
	}
}
