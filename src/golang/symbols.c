// Reads the runtime's variables out of .symtab.
#include "golang/symbols.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/reader.h"
#include "binary/elf.h"

static bool is_runtime(struct str name)
{
	return str_starts_with(name, STR("runtime.")) ||
	       str_starts_with(name, STR("internal/runtime/"));
}

void go_symbols_add(struct go_symbols *symbols, struct str name, uint64_t address)
{
	uint32_t id = interner_add(&symbols->names, NULL, name);

	symbols->addresses = table_reserve(symbols->addresses, &symbols->capacity, id + 1,
					   sizeof(*symbols->addresses));
	symbols->addresses[id] = address;
}

void go_symbols_read(struct elf *elf, struct go_symbols *out)
{
	const struct elf_section *section = elf_find_section(elf, ".symtab");
	struct str names = elf_named_contents(elf, ".strtab");
	struct reader r;

	if (section == NULL)
		return;
	r = reader_from_str(elf_contents(elf, section));
	while (reader_left(&r) >= sizeof(Elf64_Sym)) {
		Elf64_Sym symbol;

		memcpy(&symbol, reader_bytes(&r, sizeof(symbol)), sizeof(symbol));
		if (ELF64_ST_TYPE(symbol.st_info) != STT_OBJECT || symbol.st_value == 0)
			continue;

		struct str rest = str_after(names, symbol.st_name);
		struct reader name = reader_from_str(rest);

		if (is_runtime(rest))
			go_symbols_add(out, reader_cstr(&name), symbol.st_value);
	}
}

void go_symbols_deinit(struct go_symbols *symbols)
{
	interner_deinit(&symbols->names);
	free(symbols->addresses);
	*symbols = (struct go_symbols){ 0 };
}

uint64_t go_symbols_find(const struct go_symbols *symbols, struct str name)
{
	uint32_t id = interner_find(&symbols->names, name);

	return id == MAP_NONE ? 0 : symbols->addresses[id];
}
