// The debug sections of one file and the list of its units. Source: DWARF 5, section 7,
// and the older versions where they differ.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct elf;

// A unit as its header and its root entry tell it. Offsets are into .debug_info.
struct dwarf_unit {
	uint64_t offset, first_entry, limit;
	uint64_t abbrev_offset;
	uint64_t line_offset; // into .debug_line, DWARF_NONE where there is none
	uint64_t low_pc, high_pc;
	uint64_t ranges; // as its form has it, DWARF_NONE where there is none
	uint64_t str_offsets_base, address_base, ranges_base;
	uint64_t dwo_id;
	const char *folder, *dwo_name; // "" where unknown
	uint16_t tag, language;
	uint8_t version, offset_size, type;
	bool ranges_by_index; // `ranges` counts entries of the unit's list of lists
};

#define DWARF_NONE UINT64_MAX

// An entry of .debug_info by its offset, of the alternate file's with DWARF_IN_ALT added.
#define DWARF_IN_ALT ((uint64_t)1 << 63)

// Sections are views that the ELF file keeps; units are in order of offset. Read-only
// after dwarf_init, so that threads may share it.
struct dwarf {
	struct str info, abbrev, strings, line_strings, line, ranges, rnglists;
	struct str addresses, str_offsets;
	const struct dwarf *alt; // of DW_FORM_GNU_ref_alt and strp_alt, or NULL
	struct dwarf_unit *units;
	size_t unit_count, unit_capacity;
	bool is_alt; // this is such a file itself
};

// Lists the units up to the first malformed header. `alt` may be NULL. The sections must
// have been decompressed once, by elf_named_contents, which happens here.
void dwarf_init(struct dwarf *dwarf, struct elf *elf, const struct dwarf *alt);

// Same from views alone, set by the caller.
void dwarf_init_units(struct dwarf *dwarf);
void dwarf_deinit(struct dwarf *dwarf);

// The unit that holds the entry at this offset, or NULL.
const struct dwarf_unit *dwarf_find_unit(const struct dwarf *dwarf, uint64_t offset);

// The NUL-terminated string at an offset of a string section, "" outside of it.
const char *dwarf_string_at(struct str section, uint64_t offset);

// What the root entry of a unit says of an indexed address or string; false outside of
// its table.
bool dwarf_indexed_address(const struct dwarf *dwarf, const struct dwarf_unit *unit,
			   uint64_t index, uint64_t *address);
const char *dwarf_indexed_string(const struct dwarf *dwarf, const struct dwarf_unit *unit,
				 uint64_t index);

// Linkers mark addresses of code that they dropped with 0, 1, -1 or -2.
static inline bool dwarf_is_dead(uint64_t address)
{
	return address + 2 <= 3;
}
