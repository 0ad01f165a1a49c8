// Lists of address ranges: low_pc/high_pc, .debug_ranges, .debug_rnglists.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"

struct dwarf;
struct dwarf_unit;
struct dwarf_value;

// Bounds how much of the range sections one reading of a file may walk, since many
// entries may point to one list.
struct dwarf_ranges_budget {
	uint64_t left;
};

struct dwarf_ranges_budget dwarf_ranges_budget_for(const struct dwarf *dwarf);

struct dwarf_ranges {
	struct reader list;
	const struct dwarf *dwarf;
	const struct dwarf_unit *unit;
	struct dwarf_ranges_budget *budget;
	uint64_t base;
	bool is_single;
	uint64_t low, high;
};

// One range from low to high.
struct dwarf_ranges dwarf_ranges_single(uint64_t low, uint64_t high);

// The list a DW_AT_ranges stands for.
struct dwarf_ranges dwarf_ranges_list(const struct dwarf *dwarf,
				      const struct dwarf_unit *unit, uint64_t number,
				      bool by_index, struct dwarf_ranges_budget *budget);

// What the root entry of a unit says.
struct dwarf_ranges dwarf_ranges_of_unit(const struct dwarf *dwarf,
					 const struct dwarf_unit *unit,
					 struct dwarf_ranges_budget *budget);

// The next range that is neither empty nor of dropped code; false at the end.
bool dwarf_ranges_next(struct dwarf_ranges *ranges, uint64_t *low, uint64_t *high);
