// Builds the unwind table of a file from .eh_frame or .debug_frame.
#include "unwind/table.h"

#include "binary/elf.h"
#include "binary/pclntab.h"
#include "unwind/build.h"
#include "unwind/cfi.h"
#include "unwind/go_rows.h"

enum {
	SECTION_LIMIT = 1 << 30,
	// Padding between functions takes the rule of the one before.
	PADDING = 16,
	// The code of an entry point without rules: it has no caller.
	ENTRY_SIZE = 64,
};

static void find_text(const struct elf *elf, struct table_builder *builder)
{
	uint64_t start = UINT64_MAX, limit = 0;

	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		uint64_t end;

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0 ||
		    __builtin_add_overflow(segment->p_vaddr, segment->p_filesz, &end))
			continue;
		if (segment->p_vaddr < start)
			start = segment->p_vaddr;
		if (end > limit)
			limit = end;
	}
	builder->base = start & ~(uint64_t)255;
	if (limit > builder->base && limit - builder->base > UINT32_MAX)
		limit = builder->base + UINT32_MAX;
	builder->limit = limit;
}

static uint64_t section_address(const struct elf *elf, const char *name)
{
	const struct elf_section *section = elf_find_section(elf, name);

	return section == NULL ? 0 : section->address;
}

static struct eh_section named_section(struct elf *elf, const char *name)
{
	const struct elf_section *section = elf_find_section(elf, name);
	struct str bytes = elf_contents(elf, section);

	if (section == NULL || bytes.n == 0 || bytes.n > SECTION_LIMIT)
		return (struct eh_section){ 0 };
	return (struct eh_section){
		.bytes = (const uint8_t *)bytes.p,
		.size = bytes.n,
		.address = section->address,
		.text = section_address(elf, ".text"),
		.data = section_address(elf, ".got"),
	};
}

// For files without section headers: .eh_frame_hdr begins with version 1, the encodings
// of three things, and the first of them, which is where .eh_frame is.
static struct eh_section section_by_segment(const struct elf *elf)
{
	enum { HEADER_SIZE = 8, PC_RELATIVE_S32 = 0x1b };

	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		struct reader r = reader_from_str(
			elf_at_address(elf, segment->p_vaddr, HEADER_SIZE));

		if (segment->p_type != PT_GNU_EH_FRAME || reader_u8(&r) != 1 ||
		    reader_u8(&r) != PC_RELATIVE_S32)
			continue;
		reader_skip(&r, 2);

		uint64_t address =
			segment->p_vaddr + 4 + (int64_t)(int32_t)reader_u32(&r);

		for (size_t k = 0; k < elf->segment_count; k++) {
			const Elf64_Phdr *load = &elf->segments[k];
			uint64_t offset = address - load->p_vaddr;

			if (load->p_type != PT_LOAD || offset >= load->p_filesz)
				continue;

			struct str bytes =
				elf_at_address(elf, address, load->p_filesz - offset);

			if (bytes.n > SECTION_LIMIT)
				bytes.n = SECTION_LIMIT;
			return (struct eh_section){ .bytes = (const uint8_t *)bytes.p,
						    .size = bytes.n,
						    .address = address,
						    .ends_at_zero = true };
		}
	}
	return (struct eh_section){ 0 };
}

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

// Where the rules of a file come from.
struct sources {
	struct elf *elf;
	struct pclntab *go;
	struct eh_section sections[2]; // by origin
};

static bool compile_range(const struct sources *sources, struct compiler compilers[2],
			  const struct unwind_range *range)
{
	struct table_builder *builder = compilers[0].builder;
	struct unwind_row outermost = { .pc = range->start, .kind = ROW_OUTERMOST };

	switch ((enum range_origin)range->origin) {
	case RANGE_EH_FRAME:
	case RANGE_DEBUG_FRAME:
		return compile_fde(&compilers[range->origin], range);
	case RANGE_GO:
		return go_rows_compile(builder, sources->elf, sources->go, range);
	case RANGE_ENTRY:
		build_row(builder, outermost);
		return true;
	}
	return false;
}

static void compile_rows(struct table_builder *builder, const struct sources *sources)
{
	struct compiler compilers[2] = {
		{ .builder = builder, .cursor = { .section = &sources->sections[0] } },
		{ .builder = builder, .cursor = { .section = &sources->sections[1] } },
	};
	uint32_t covered = 0;

	build_row(builder, (struct unwind_row){ .kind = ROW_NONE });
	for (size_t i = 0; i < builder->range_count; i++) {
		const struct unwind_range *range = &builder->ranges[i];
		size_t rows = builder->row_count;

		if (range->start - covered >= PADDING)
			build_row(builder, (struct unwind_row){ .pc = covered });
		covered = range->limit;
		if (compile_range(sources, compilers, range))
			continue;
		builder->damaged++;
		builder->row_count = rows;
		build_row(builder,
			  (struct unwind_row){ .pc = range->start, .kind = ROW_INVALID });
	}
	build_row(builder, (struct unwind_row){ .pc = covered });
}

static struct sources find_sources(struct elf *elf)
{
	struct sources sources = {
		.elf = elf,
		.go = pclntab_open(elf),
		.sections[RANGE_EH_FRAME] = named_section(elf, ".eh_frame"),
	};

	if (sources.sections[RANGE_EH_FRAME].size == 0)
		sources.sections[RANGE_EH_FRAME] = section_by_segment(elf);
	// Go's linker repeats there what the pclntab says.
	if (sources.go == NULL)
		sources.sections[RANGE_DEBUG_FRAME] = named_section(elf, ".debug_frame");
	sources.sections[RANGE_DEBUG_FRAME].is_debug_frame = true;
	return sources;
}

static void collect_all(struct table_builder *builder, const struct sources *sources)
{
	const struct elf *elf = sources->elf;

	collect_ranges(builder, &sources->sections[RANGE_EH_FRAME], RANGE_EH_FRAME);
	collect_ranges(builder, &sources->sections[RANGE_DEBUG_FRAME], RANGE_DEBUG_FRAME);
	if (sources->go != NULL)
		go_rows_collect(builder, sources->go);
	if (elf->entry != 0 && builder->range_count > 0)
		build_range(builder, elf->entry, elf->entry + ENTRY_SIZE, RANGE_ENTRY, 0);
}

struct unwind_table *unwind_table_create(struct elf *elf)
{
	struct table_builder builder = { 0 };
	struct sources sources = find_sources(elf);
	struct unwind_table *table = NULL;

	find_text(elf, &builder);
	collect_all(&builder, &sources);
	if (builder.range_count > 0) {
		build_sort_ranges(&builder);
		compile_rows(&builder, &sources);
		table = build_finish_take(&builder);
		table->elf = elf;
		memcpy(table->sections, sources.sections, sizeof(sources.sections));
	}
	pclntab_close(sources.go);
	return table;
}

void unwind_table_destroy(struct unwind_table *table)
{
	if (table != NULL)
		build_destroy(table);
}

struct unwind_table_stats unwind_table_stats(const struct unwind_table *table)
{
	size_t pages = (table->span >> table->page_shift) + 2;

	return (struct unwind_table_stats){
		.rows = table->row_count,
		.functions = table->range_count,
		.damaged = table->damaged,
		.bytes = sizeof(*table) + table->row_count * sizeof(*table->rows) +
			 table->range_count * sizeof(*table->ranges) +
			 pages * sizeof(*table->index),
	};
}
