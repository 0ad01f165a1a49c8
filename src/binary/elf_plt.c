// A stub is `jmp *slot(%rip)`; the relocation of that slot names the function. System V
// ABI for AMD64, section 5.2.
#include "binary/elf_plt.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/reader.h"
#include "binary/elf.h"
#include "binary/elf_symbols.h"

struct relocations {
	Elf64_Rela *items;
	size_t count, capacity;
	struct map by_slot; // address of the slot -> item
};

static void add_relocations(struct relocations *all, struct str bytes)
{
	Elf64_Rela item;

	for (size_t at = 0; bytes.n - at >= sizeof(item); at += sizeof(item)) {
		memcpy(&item, bytes.p + at, sizeof(item));
		switch (ELF64_R_TYPE(item.r_info)) {
		case R_X86_64_JUMP_SLOT:
		case R_X86_64_GLOB_DAT:
		case R_X86_64_IRELATIVE:
			break;
		default:
			continue;
		}
		all->items = table_reserve(all->items, &all->capacity, all->count + 1,
					   sizeof(item));
		*map_put(&all->by_slot, item.r_offset) = (uint32_t)all->count;
		all->items[all->count++] = item;
	}
}

static struct str dynamic_name(struct elf *elf, uint64_t index)
{
	const struct elf_section *table = elf_find_section(elf, ".dynsym");
	Elf64_Sym symbol;

	if (table == NULL || table->link >= elf->section_count)
		return STR("");
	struct str bytes = elf_contents(elf, table);

	if (index >= bytes.n / sizeof(symbol))
		return STR("");
	memcpy(&symbol, bytes.p + index * sizeof(symbol), sizeof(symbol));
	struct str names = elf_contents(elf, &elf->sections[table->link]);
	struct reader r = reader_from_str(str_after(names, symbol.st_name));

	return reader_cstr(&r);
}

static struct str stub_name(struct elf *elf, const struct elf_symbols *symbols,
			    const Elf64_Rela *relocation, struct arena *arena)
{
	uint64_t index = ELF64_R_SYM(relocation->r_info);
	struct elf_symbol target;
	struct str name = STR("");

	if (ELF64_R_TYPE(relocation->r_info) != R_X86_64_IRELATIVE)
		name = dynamic_name(elf, index);
	else if (elf_symbols_find(symbols, (uint64_t)relocation->r_addend, &target))
		name = target.name;
	else
		return str_format(arena, "*ABS*+0x%llx@plt",
				  (unsigned long long)relocation->r_addend);
	return name.n == 0 ? name : str_format(arena, "%.*s@plt", (int)name.n, name.p);
}

// Where the jump of the stub at `address` reads its target from; 0: it does not jump so.
static uint64_t slot_of_stub(struct str code, uint64_t address)
{
	struct str stub = code;

	if (str_starts_with(stub, STR("\xf3\x0f\x1e\xfa"))) // endbr64
		stub = str_after(stub, 4);
	if (str_starts_with(stub, STR("\xf2"))) // bnd
		stub = str_after(stub, 1);
	if (!str_starts_with(stub, STR("\xff\x25")) || stub.n < 6)
		return 0;
	int32_t displacement;

	memcpy(&displacement, stub.p + 2, sizeof(displacement));
	return address + (uint64_t)(stub.p - code.p) + 6 + (uint64_t)displacement;
}

static void read_section(struct elf *elf, const struct elf_symbols *symbols,
			 const char *name, const struct relocations *relocations,
			 struct elf_plt *plt, struct arena *arena)
{
	const struct elf_section *section = elf_find_section(elf, name);
	struct str code = elf_contents(elf, section);
	uint32_t size = section != NULL && section->entry_size == 8 ? 8 : 16;

	for (size_t at = 0; at < code.n && plt->count < relocations->count; at += size) {
		uint64_t address = section->address + at;
		uint64_t slot = slot_of_stub(str_slice(code, at, at + size), address);
		uint32_t item = map_get(&relocations->by_slot, slot);

		if (slot == 0 || item == MAP_NONE)
			continue;
		struct str stub =
			stub_name(elf, symbols, &relocations->items[item], arena);

		if (stub.n > 0)
			plt->stubs[plt->count++] =
				(struct elf_plt_stub){ address, size, stub };
	}
}

const struct elf_plt *elf_plt_read(struct elf *elf, const struct elf_symbols *symbols,
				   struct arena *arena)
{
	static const char *const sections[] = { ".plt", ".plt.sec", ".plt.got" };
	struct relocations relocations = { 0 };
	struct elf_plt *plt = arena_alloc(arena, sizeof(*plt));

	if (elf->machine != EM_X86_64)
		return plt;
	add_relocations(&relocations, elf_named_contents(elf, ".rela.plt"));
	add_relocations(&relocations, elf_named_contents(elf, ".rela.dyn"));
	plt->stubs = arena_array(arena, relocations.count + 1, sizeof(*plt->stubs));
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		read_section(elf, symbols, sections[i], &relocations, plt, arena);
	map_deinit(&relocations.by_slot);
	free(relocations.items);
	return plt;
}
