// Fuzzes units, entries, abbreviations, ranges and names: sections cut from the input.
#include <stdlib.h>

#include "base/reader.h"
#include "binary/dwarf.h"
#include "binary/dwarf_types.h"
#include "binary/symbol_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A 16-bit size and as many bytes: one section.
static struct str cut(struct reader *r)
{
	uint64_t wanted = reader_u16(r);
	size_t n = wanted < reader_left(r) ? wanted : reader_left(r);

	return (struct str){ (const char *)reader_bytes(r, n), n };
}

// Structures that the seeds have, and one that they have not.
static void read_types(const struct dwarf *dwarf)
{
	struct dwarf_types types = { .dwarf = *dwarf };
	struct dwarf_wanted wanted[] = { { STR("point"), false, 0 },
					 { STR("S"), false, 0 },
					 { STR("x"), true, 0 },
					 { STR(""), false, 0 } };
	struct dwarf_field field;

	dwarf_types_find(&types, wanted, sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		(void)dwarf_types_field(&types, wanted[i].entry, STR(""), &field);
		(void)dwarf_types_field(&types, wanted[i].entry, STR("a.b"), &field);
	}
	dwarf_abbrev_cache_deinit(&types.abbrevs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_from(data, size);
	struct dwarf alt = { .info = cut(&r), .abbrev = cut(&r), .is_alt = true };
	struct dwarf dwarf = { .info = cut(&r),
			       .abbrev = cut(&r),
			       .ranges = cut(&r),
			       .rnglists = cut(&r),
			       .addresses = cut(&r),
			       .strings = cut(&r),
			       .str_offsets = cut(&r),
			       .line = cut(&r),
			       .alt = &alt };
	struct symbol_unit_builder builder = { .dwarf = &dwarf };

	dwarf_init_units(&alt);
	dwarf_init_units(&dwarf);
	builder.budget = dwarf_ranges_budget_for(&dwarf);
	builder.line_budget = dwarf.line.n * 4;
	for (size_t i = 0; i < dwarf.unit_count; i++)
		free(symbol_unit_build(&builder, i));
	symbol_unit_builder_deinit(&builder);
	read_types(&dwarf);
	dwarf_deinit(&dwarf);
	dwarf_deinit(&alt);
	return 0;
}
