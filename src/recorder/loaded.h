// Reads a program file as it lies in the memory of this process.
#pragma once

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unwind_table;

// Where a loaded file is and what it says of itself; borrowed from the file's own pages.
struct loaded_file {
	uint64_t bias;
	const Elf64_Phdr *segments;
	size_t segment_count;
	const char *name; // as the loader has it; "" for the program
};

// The executable part: addresses in this process, and the offset in the file.
struct loaded_code {
	uint64_t start, limit, offset;
};

// False where the file has no executable segment.
bool loaded_find_code(const struct loaded_file *file, struct loaded_code *out);

// The file whose first page is at `start`; false where that is no ELF header with program
// headers behind it.
bool loaded_from_page(uintptr_t start, uint64_t bias, const char *name,
		      struct loaded_file *out);

// The unwind rules of the file, or NULL. All memory is from pages.h. `entry` is where the
// program starts, in this process, 0: not in this file.
struct unwind_table *loaded_compile(const struct loaded_file *file, uint64_t entry);

// The build id in hexadecimal; "" where there is none.
enum { LOADED_BUILD_ID_MAX = 64 };
void loaded_build_id(const struct loaded_file *file, char text[LOADED_BUILD_ID_MAX + 1]);
