// Line programs: which source line each address comes from. Source: DWARF 5, section 6.2.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"
#include "base/str.h"

struct dwarf;
struct dwarf_unit;

// A file name as three parts, the first two of which may be empty or, where the next one
// is absolute, without meaning.
struct dwarf_path {
	const char *unit_folder, *folder, *name;
};

struct dwarf_line_file {
	const char *name;
	uint64_t folder;
};

// The header of one line program; owns its arrays, borrows the sections.
struct dwarf_line_table {
	struct reader program;
	const char *unit_folder;
	uint16_t version;
	uint8_t minimum_length, line_range, opcode_base;
	int8_t line_base;
	uint8_t operand_counts[256];
	const char **folders;
	size_t folder_count, folder_capacity;
	struct dwarf_line_file *files;
	size_t file_count, file_capacity;
};

// The rows from one address on, up to the next row's; line 0 where the sequence ended or
// the compiler names no line.
struct dwarf_row {
	uint64_t address;
	uint32_t line, file, column;
	bool is_end; // of a sequence: nothing is known from here on
};

struct dwarf_rows {
	struct dwarf_row *items;
	size_t count, capacity;
};

// Reads the header of the unit's program. Free with dwarf_line_deinit, also on failure.
bool dwarf_line_init(struct dwarf_line_table *table, const struct dwarf *dwarf,
		     const struct dwarf_unit *unit);
void dwarf_line_deinit(struct dwarf_line_table *table);

// Runs the program and appends the rows of its sequences, in the order of the program, of
// sequences of dropped code none. Rows of equal address are one, the last.
void dwarf_line_run(struct dwarf_line_table *table, struct dwarf_rows *rows);

// The file that a row or an attribute of the unit names by number; false where there is
// none.
bool dwarf_line_path(const struct dwarf_line_table *table, uint64_t file,
		     struct dwarf_path *path);
