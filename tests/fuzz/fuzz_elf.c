// Opens hostile ELF files and reads every section, note, segment and symbol of them.
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "binary/elf.h"
#include "binary/elf_symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file_view view = { malloc(size + 1), size, false };
	struct elf *elf = NULL;
	struct error err;
	uint64_t address;

	memcpy((uint8_t *)view.bytes, data, size);
	if (!elf_from_view_take(view, "input", &elf, &err))
		return 0;
	for (size_t i = 0; i < elf->section_count; i++)
		(void)elf_contents(elf, &elf->sections[i]);
	struct elf_symbols *symbols = elf_symbols_create(elf, elf);
	struct elf_symbol symbol;

	for (size_t i = 0; i < elf_symbols_count(symbols); i++) {
		symbol = elf_symbols_at(symbols, i);
		(void)elf_symbols_find(symbols, symbol.address + 1, &symbol);
	}
	elf_symbols_destroy(symbols);
	(void)elf_named_contents(elf, ".debug_line");
	(void)elf_at_address(elf, elf->entry, 16);
	(void)elf_address_of_offset(elf, elf->entry, &address);
	elf_close(elf);
	return 0;
}
