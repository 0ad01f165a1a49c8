// A compact sorted array of symbols; names stay in the file until asked for.
#include "binary/elf_symbols.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/reader.h"
#include "binary/elf.h"
#include "binary/elf_plt.h"

// `source` is the number of a symbol of the table, or of a stub when PLT_BIT is set.
enum { PLT_BIT = 1u << 31 };

struct entry {
	uint64_t address;
	uint32_t size, source;
};

struct elf_symbols {
	struct entry *entries;
	size_t count;
	const char *table; // Elf64_Sym records, unaligned
	struct str names;
	const struct elf_plt *plt;
	struct arena arena;
	enum elf_symbols_origin origin;
};

static Elf64_Sym symbol_at(const struct elf_symbols *symbols, uint32_t index)
{
	Elf64_Sym symbol;

	memcpy(&symbol, symbols->table + (size_t)index * sizeof(symbol), sizeof(symbol));
	return symbol;
}

// Symbols of libraries may carry their version: "memcpy@@GLIBC_2.14".
static struct str without_version(struct str name)
{
	ptrdiff_t at = str_find_char(name, '@');

	return at > 0 ? str_slice(name, 0, (size_t)at) : name;
}

static struct str name_at(struct str names, uint32_t offset)
{
	struct reader r = reader_from_str(str_after(names, offset));

	return reader_cstr(&r);
}

// Compiler and assembler leave labels behind that name no function. Looks at the first
// bytes only: a name may be as long as the table.
static bool is_label(struct str names, uint32_t offset)
{
	struct str name = str_after(names, offset);

	return name.n == 0 || name.p[0] == '\0' || name.p[0] == '$' ||
	       str_starts_with(name, STR(".L"));
}

static bool is_code(const struct elf *elf, const Elf64_Sym *symbol)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	if (symbol->st_shndx == SHN_UNDEF)
		return false;
	if (type == STT_FUNC || type == STT_GNU_IFUNC)
		return true;
	return type == STT_NOTYPE && symbol->st_shndx < elf->section_count &&
	       (elf->sections[symbol->st_shndx].flags & SHF_EXECINSTR) != 0;
}

static void collect_table(struct elf_symbols *symbols, const struct elf *elf,
			  uint32_t count)
{
	symbols->entries = malloc(((size_t)count + 1) * sizeof(struct entry));
	if (symbols->entries == NULL)
		arena_out_of_memory(count * sizeof(struct entry));
	for (uint32_t i = 0; i < count; i++) {
		Elf64_Sym symbol = symbol_at(symbols, i);

		if (!is_code(elf, &symbol) || is_label(symbols->names, symbol.st_name))
			continue;
		symbols->entries[symbols->count++] = (struct entry){
			symbol.st_value,
			symbol.st_size < UINT32_MAX ? (uint32_t)symbol.st_size
						    : UINT32_MAX,
			i,
		};
	}
}

static bool is_sorted(const struct entry *entries, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (entries[i].address < entries[i - 1].address)
			return false;
	return true;
}

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

// One stable counting pass; false when all entries share the digit and nothing was moved.
static bool sort_by_digit(const struct entry *from, struct entry *to, size_t count,
			  unsigned shift)
{
	uint32_t starts[DIGITS] = { 0 };
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		starts[from[i].address >> shift & (DIGITS - 1)]++;
	if (starts[from[0].address >> shift & (DIGITS - 1)] == count)
		return false;
	for (size_t digit = 0; digit < DIGITS; digit++) {
		uint32_t size = starts[digit];

		starts[digit] = sum;
		sum += size;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i].address >> shift & (DIGITS - 1)]++] = from[i];
	return true;
}

// Radix sort: tables of large programs hold a million symbols.
static void sort(struct elf_symbols *symbols)
{
	struct entry *spare;

	if (is_sorted(symbols->entries, symbols->count))
		return;
	spare = malloc(symbols->count * sizeof(*spare));
	if (spare == NULL)
		arena_out_of_memory(symbols->count * sizeof(*spare));
	for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
		struct entry *sorted = symbols->entries;

		if (!sort_by_digit(sorted, spare, symbols->count, shift))
			continue;
		symbols->entries = spare;
		spare = sorted;
	}
	free(spare);
}

// Lower is better; see the header for the order of preference.
static unsigned badness(const struct elf_symbols *symbols, const struct entry *entry)
{
	if ((entry->source & PLT_BIT) != 0)
		return 1u << 20;
	Elf64_Sym symbol = symbol_at(symbols, entry->source);
	struct str name = str_after(symbols->names, symbol.st_name);
	unsigned underscores = 0, binding = ELF64_ST_BIND(symbol.st_info);

	while (underscores < name.n && underscores < 255 && name.p[underscores] == '_')
		underscores++;
	return (ELF64_ST_TYPE(symbol.st_info) == STT_NOTYPE) << 11 |
	       (symbol.st_size == 0) << 10 | (binding == STB_LOCAL) << 9 |
	       underscores << 1 | (binding != STB_GLOBAL);
}

static void keep_best(struct elf_symbols *symbols)
{
	size_t kept = 0;

	for (size_t i = 0, end; i < symbols->count; i = end) {
		struct entry best = symbols->entries[i];
		unsigned best_badness = UINT32_MAX;

		for (end = i + 1; end < symbols->count; end++)
			if (symbols->entries[end].address != best.address)
				break;
		for (size_t j = i; end - i > 1 && j < end; j++) {
			unsigned candidate = badness(symbols, &symbols->entries[j]);

			if (candidate >= best_badness)
				continue;
			best_badness = candidate;
			best = symbols->entries[j];
		}
		symbols->entries[kept++] = best;
	}
	symbols->count = kept;
}

static uint64_t code_limit(const struct elf *elf, uint64_t address)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];

		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
		    address - segment->p_vaddr < segment->p_memsz)
			return segment->p_vaddr + segment->p_memsz;
	}
	return address + 1;
}

// Hand-written assembly states no sizes. A label inside a sized function adds nothing and
// would hide the function, so it goes.
static void settle_sizes(struct elf_symbols *symbols, const struct elf *elf)
{
	uint64_t covered = 0;
	size_t kept = 0;

	for (size_t i = 0; i < symbols->count; i++) {
		struct entry entry = symbols->entries[i];

		if (entry.size == 0 && entry.address < covered)
			continue;
		if (entry.size > 0 && entry.address + entry.size > covered)
			covered = entry.address + entry.size;
		symbols->entries[kept++] = entry;
	}
	symbols->count = kept;
	for (size_t i = 0; i < kept; i++) {
		struct entry *entry = &symbols->entries[i];

		if (entry->size != 0)
			continue;
		uint64_t limit = code_limit(elf, entry->address);

		if (i + 1 < kept && entry[1].address < limit)
			limit = entry[1].address;
		limit -= entry->address;
		entry->size = limit < UINT32_MAX ? (uint32_t)limit : UINT32_MAX;
	}
}

static void add_stubs(struct elf_symbols *symbols)
{
	const struct elf_plt *plt = symbols->plt;
	size_t capacity = 0;
	struct entry *entries;

	if (plt->count == 0)
		return;
	entries = table_reserve(NULL, &capacity, symbols->count + plt->count,
				sizeof(*entries));
	if (symbols->count > 0)
		memcpy(entries, symbols->entries, symbols->count * sizeof(*entries));
	free(symbols->entries);
	symbols->entries = entries;
	for (uint32_t i = 0; i < plt->count; i++)
		entries[symbols->count++] =
			(struct entry){ plt->stubs[i].address, plt->stubs[i].size,
					i | PLT_BIT };
}

static void open_table(struct elf_symbols *symbols, struct elf *elf, const char *section,
		       enum elf_symbols_origin origin)
{
	const struct elf_section *table = elf_find_section(elf, section);

	if (table == NULL || table->link >= elf->section_count)
		return;
	struct str bytes = elf_contents(elf, table);
	size_t count = bytes.n / sizeof(Elf64_Sym);

	if (count <= 1 || count >= (unsigned)PLT_BIT)
		return;
	symbols->table = bytes.p;
	symbols->names = elf_contents(elf, &elf->sections[table->link]);
	symbols->origin = origin;
	collect_table(symbols, elf, (uint32_t)count);
}

struct elf_symbols *elf_symbols_create(struct elf *elf, struct elf *from)
{
	struct elf_symbols *symbols = calloc(1, sizeof(*symbols));

	if (symbols == NULL)
		arena_out_of_memory(sizeof(*symbols));
	open_table(symbols, from, ".symtab", ELF_SYMBOLS_FULL);
	if (symbols->origin == ELF_SYMBOLS_NONE)
		open_table(symbols, elf, ".dynsym", ELF_SYMBOLS_DYNAMIC);
	sort(symbols);
	keep_best(symbols);
	symbols->plt = elf_plt_read(elf, symbols, &symbols->arena);
	add_stubs(symbols);
	sort(symbols);
	keep_best(symbols);
	settle_sizes(symbols, elf);
	return symbols;
}

void elf_symbols_destroy(struct elf_symbols *symbols)
{
	if (symbols == NULL)
		return;
	free(symbols->entries);
	arena_deinit(&symbols->arena);
	free(symbols);
}

enum elf_symbols_origin elf_symbols_origin(const struct elf_symbols *symbols)
{
	return symbols->origin;
}

size_t elf_symbols_count(const struct elf_symbols *symbols)
{
	return symbols->count;
}

struct elf_symbol elf_symbols_at(const struct elf_symbols *symbols, size_t index)
{
	const struct entry *entry = &symbols->entries[index];
	struct elf_symbol out = { .address = entry->address, .size = entry->size };

	if ((entry->source & PLT_BIT) != 0)
		out.name = symbols->plt->stubs[entry->source & ~PLT_BIT].name;
	else
		out.name = without_version(name_at(
			symbols->names, symbol_at(symbols, entry->source).st_name));
	return out;
}

// Number of entries that start at or before the address.
static size_t count_up_to(const struct elf_symbols *symbols, uint64_t address)
{
	size_t low = 0, high = symbols->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->entries[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool elf_symbols_find(const struct elf_symbols *symbols, uint64_t address,
		      struct elf_symbol *out)
{
	// A small function inside a large one ends before the large one does; more than a
	// few levels of that are noise.
	enum { NESTING_MAX = 8 };
	size_t next = count_up_to(symbols, address);

	for (size_t tried = 0; next > 0 && tried < NESTING_MAX; tried++) {
		const struct entry *entry = &symbols->entries[--next];

		if (address - entry->address >= entry->size)
			continue;
		*out = elf_symbols_at(symbols, next);
		return true;
	}
	return false;
}
