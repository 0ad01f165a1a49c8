// The functions of an ELF file by address: from .symtab, else .dynsym, and the stubs of
// its procedure linkage table.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct elf;
struct elf_symbols;

enum elf_symbols_origin {
	ELF_SYMBOLS_NONE,
	ELF_SYMBOLS_DYNAMIC, // .dynsym: exported functions only
	ELF_SYMBOLS_FULL,    // .symtab
};

struct elf_symbol {
	struct str name;  // without its version; "name@plt" for a linkage stub
	uint64_t address; // where the function starts
	uint64_t size;    // as stated, or up to the next symbol where the file says 0
};

// Reads the symbol table of `symbols`, which is the file itself or its split debug file;
// the stubs always come from `elf`. Borrows both. Never fails: a file may have none.
struct elf_symbols *elf_symbols_create(struct elf *elf, struct elf *symbols);
void elf_symbols_destroy(struct elf_symbols *symbols);

enum elf_symbols_origin elf_symbols_origin(const struct elf_symbols *symbols);

// The function that covers the address. Of several at one place the best is known: sized
// over unsized, exported over local, fewer leading underscores. An address in a gap
// between sized functions has no name: the nearest one would be a guess.
bool elf_symbols_find(const struct elf_symbols *symbols, uint64_t address,
		      struct elf_symbol *out);

// All of them, sorted by address.
size_t elf_symbols_count(const struct elf_symbols *symbols);
struct elf_symbol elf_symbols_at(const struct elf_symbols *symbols, size_t index);
