// From the entries of .eh_frame and .debug_frame to rows, with nothing of program files.
#include "unwind/compile.h"

#include <string.h>

#include "unwind/build.h"
#include "unwind/cfi.h"
#include "unwind/rows.h"

enum {
	// Padding between functions takes the rule of the one before.
	PADDING = 16,
	// The code of an entry point without rules: it has no caller.
	ENTRY_SIZE = 64,
};

static void collect_ranges(struct table_builder *builder,
			   const struct eh_section *section, enum range_origin origin)
{
	struct eh_cursor cursor = { .section = section };
	struct eh_fde fde;

	while (eh_next(&cursor, &fde)) {
		// Functions that the linker threw away are left with address 0.
		if (fde.size > 0 && fde.start != 0)
			build_range(builder, fde.start, fde.start + fde.size, origin,
				    fde.offset);
	}
	builder->damaged += cursor.damaged;
}

// What is kept from one FDE to the next.
struct compiler {
	struct table_builder *builder;
	struct eh_cursor cursor;
	struct cfi_machine machine;
	struct cfi_state initial;
	uint64_t initial_of; // offset of the CIE
	bool has_initial;
};

static bool select_initial(struct compiler *compiler, const struct eh_cie *cie)
{
	if (compiler->has_initial && compiler->initial_of == cie->offset)
		return true;
	compiler->initial_of = cie->offset;
	compiler->has_initial =
		cfi_initial(compiler->cursor.section, cie, &compiler->initial);
	return compiler->has_initial;
}

static bool compile_fde(struct compiler *compiler, const struct unwind_range *range)
{
	struct table_builder *builder = compiler->builder;
	const struct eh_section *section = compiler->cursor.section;
	struct cfi_machine *machine = &compiler->machine;
	uint64_t start = builder->base + range->start;
	uint64_t limit = builder->base + range->limit;
	struct eh_fde fde;

	if (!eh_fde_at(&compiler->cursor, range->source, &fde) ||
	    !select_initial(compiler, fde.cie))
		return false;
	cfi_start(machine, section, &fde, &compiler->initial);
	while (cfi_next(machine) && machine->start < limit) {
		struct unwind_row row = row_from_state(section, fde.cie, &machine->state);
		uint64_t pc = machine->start < start ? start : machine->start;

		if (machine->limit <= start)
			continue;
		row.pc = (uint32_t)(pc - builder->base);
		build_row(builder, row);
	}
	return !machine->failed;
}

static bool compile_range(const struct compile_source *source,
			  struct compiler compilers[2], const struct unwind_range *range)
{
	struct table_builder *builder = compilers[0].builder;
	struct unwind_row outermost = { .pc = range->start, .kind = ROW_OUTERMOST };

	switch ((enum range_origin)range->origin) {
	case RANGE_EH_FRAME:
	case RANGE_DEBUG_FRAME:
		return compile_fde(&compilers[range->origin], range);
	case RANGE_GO:
		return source->extra->compile(source->extra, builder, range);
	case RANGE_ENTRY:
		build_row(builder, outermost);
		return true;
	}
	return false;
}

static void compile_rows(struct table_builder *builder,
			 const struct compile_source *source)
{
	struct compiler compilers[2] = {
		{ .builder = builder, .cursor = { .section = &source->sections[0] } },
		{ .builder = builder, .cursor = { .section = &source->sections[1] } },
	};
	uint32_t covered = 0;

	build_row(builder, (struct unwind_row){ .kind = ROW_NONE });
	for (size_t i = 0; i < builder->range_count; i++) {
		const struct unwind_range *range = &builder->ranges[i];
		size_t rows = builder->row_count;

		if (range->start - covered >= PADDING)
			build_row(builder, (struct unwind_row){ .pc = covered });
		covered = range->limit;
		if (compile_range(source, compilers, range))
			continue;
		builder->damaged++;
		builder->row_count = rows;
		build_row(builder,
			  (struct unwind_row){ .pc = range->start, .kind = ROW_INVALID });
	}
	build_row(builder, (struct unwind_row){ .pc = covered });
}

static void collect_all(struct table_builder *builder,
			const struct compile_source *source)
{
	collect_ranges(builder, &source->sections[RANGE_EH_FRAME], RANGE_EH_FRAME);
	collect_ranges(builder, &source->sections[RANGE_DEBUG_FRAME], RANGE_DEBUG_FRAME);
	if (source->extra != NULL)
		source->extra->collect(source->extra, builder);
	if (source->entry != 0 && builder->range_count > 0)
		build_range(builder, source->entry, source->entry + ENTRY_SIZE,
			    RANGE_ENTRY, 0);
}

struct unwind_table *compile_table(const struct compile_source *source)
{
	struct table_builder builder = { .base = source->start & ~(uint64_t)255,
					 .limit = source->limit };
	struct unwind_table *table;

	if (builder.limit <= builder.base)
		return NULL;
	if (builder.limit - builder.base > UINT32_MAX)
		builder.limit = builder.base + UINT32_MAX;
	collect_all(&builder, source);
	if (builder.range_count == 0) {
		build_discard(&builder);
		return NULL;
	}
	build_sort_ranges(&builder);
	compile_rows(&builder, source);
	table = build_finish_take(&builder);
	if (table != NULL)
		memcpy(table->sections, source->sections, sizeof(source->sections));
	return table;
}
