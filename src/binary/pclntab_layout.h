// What pclntab_find.c hands to pclntab.c: where the parts of one table are.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct elf;

// Layouts of the header and of _func; named after the first release that wrote them.
enum pclntab_version { PCLNTAB_1_2, PCLNTAB_1_16, PCLNTAB_1_18, PCLNTAB_1_20 };

struct pclntab {
	const struct elf *elf;
	enum pclntab_version version;
	uint8_t quantum;  // smallest size of an instruction
	struct str table; // from the header on
	uint64_t address; // of the table
	size_t function_count;
	uint64_t text_start;    // of what offsets of code are from; since 1.18
	uint64_t function_data; // of what offsets of funcdata are from; since 1.18, 0
				// unknown
	// Parts of the table. functions begins with the sorted table of entries, whose
	// offsets to _func count from the start of the part. file_count is of 1.2 alone.
	struct str functions, names, units, files, values;
	uint32_t file_count;
};

// Fills *out; false when the file is not Go's or its table is damaged.
bool pclntab_locate(struct elf *elf, struct pclntab *out);
