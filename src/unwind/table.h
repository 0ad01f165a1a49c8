// The unwind rules of one program file, compiled once into rows sorted by address.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf;
struct unwind_table;

// Compiles .eh_frame (found by section or by PT_GNU_EH_FRAME), else .debug_frame; for Go
// files the pcsp tables of the pclntab. Returns NULL where the file has none of them.
// Damaged entries are left out and counted, never fatal. Borrows the elf: it must outlive
// the table (rows that need a DWARF expression are evaluated from its bytes).
struct unwind_table *unwind_table_create(struct elf *elf);
void unwind_table_destroy(struct unwind_table *table);

struct unwind_table_stats {
	size_t rows, functions, damaged, bytes;
};

struct unwind_table_stats unwind_table_stats(const struct unwind_table *table);
