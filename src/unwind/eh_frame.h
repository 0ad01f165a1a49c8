// The entries of .eh_frame and .debug_frame: CIEs, FDEs and encoded pointers. Sources:
// DWARF 5 section 6.4.1, Linux Standard Base Core 5.0 section 10.6.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"

// One section; plain data, borrowed bytes. text and data are the bases of
// DW_EH_PE_textrel and DW_EH_PE_datarel.
struct eh_section {
	const uint8_t *bytes;
	size_t size;
	uint64_t address, text, data;
	bool is_debug_frame;
	bool ends_at_zero; // its size is not known: a length of 0 ends it
};

// Instructions are [instructions, limit) of the section.
struct eh_cie {
	uint64_t offset;
	uint64_t code_align;
	int64_t data_align;
	uint32_t instructions, limit;
	uint8_t pointer_encoding;
	uint8_t return_register;
	bool has_augmentation_size, is_signal_frame;
};

struct eh_fde {
	uint64_t start, size; // of the code, in the file's own addresses
	uint32_t offset;      // of this entry in the section
	uint32_t instructions, limit;
	const struct eh_cie *cie;
};

// Goes through the entries of a section. Zero-initialised but for the section. The CIE in
// use is kept here: an eh_fde points to it until the next call.
struct eh_cursor {
	const struct eh_section *section;
	size_t next;
	size_t damaged; // entries left out
	struct eh_cie cie;
	bool has_cie;
};

// The next FDE; false at the end of the section.
bool eh_next(struct eh_cursor *cursor, struct eh_fde *out);

// The FDE at an offset that eh_next has given.
bool eh_fde_at(struct eh_cursor *cursor, size_t offset, struct eh_fde *out);
