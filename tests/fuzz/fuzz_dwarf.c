// Fuzzes units, entries, abbreviations, ranges and names: sections cut from the input.
#include <stdlib.h>

#include "base/reader.h"
#include "binary/dwarf.h"
#include "binary/symbol_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A 16-bit size and as many bytes: one section.
static struct str cut(struct reader *r)
{
	uint64_t wanted = reader_u16(r);
	size_t n = wanted < reader_left(r) ? wanted : reader_left(r);

	return (struct str){ (const char *)reader_bytes(r, n), n };
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
	dwarf_deinit(&dwarf);
	dwarf_deinit(&alt);
	return 0;
}
