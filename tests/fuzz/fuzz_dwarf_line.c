// Fuzzes line programs and their headers: all of the input is .debug_line.
#include <stdlib.h>

#include "binary/dwarf.h"
#include "binary/dwarf_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dwarf dwarf = { .line = { (const char *)data, size },
			       .strings = { (const char *)data, size },
			       .line_strings = { (const char *)data, size } };
	struct dwarf_unit unit = { .version = 5, .offset_size = 4 };
	struct dwarf_line_table table;
	struct dwarf_rows rows = { 0 };
	struct dwarf_path path;

	if (dwarf_line_init(&table, &dwarf, &unit))
		dwarf_line_run(&table, &rows);
	for (size_t i = 0; i < rows.count; i++)
		(void)dwarf_line_path(&table, rows.items[i].file, &path);
	dwarf_line_deinit(&table);
	free(rows.items);
	return 0;
}
