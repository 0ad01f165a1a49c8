// Unwind rows of Go functions, from the stack deltas of the pclntab.
#pragma once

#include <stdbool.h>

struct elf;
struct pclntab;
struct table_builder;
struct unwind_range;

void go_rows_collect(struct table_builder *builder, const struct pclntab *table);

// Appends the rows of one collected range; false when it has none.
bool go_rows_compile(struct table_builder *builder, const struct elf *elf,
		     const struct pclntab *table, const struct unwind_range *range);
