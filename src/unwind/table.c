// Builds the unwind table of a file from .eh_frame or .debug_frame.
#include "unwind/table.h"

#include "base/memory.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "unwind/build.h"
#include "unwind/compile.h"
#include "unwind/go_rows.h"

enum { SECTION_LIMIT = 1 << 30 };

static void find_text(const struct elf *elf, struct compile_source *source)
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
	source->start = start;
	source->limit = limit;
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

// The code of a file, for the steps that look at it.
struct code_memory {
	struct memory memory;
	const struct elf *elf;
};

static bool read_code(const struct memory *memory, uint64_t address, void *buffer,
		      size_t size)
{
	struct str bytes =
		elf_at_address(((const struct code_memory *)memory)->elf, address, size);

	if (bytes.n != size)
		return false;
	memcpy(buffer, bytes.p, size);
	return true;
}

static const struct memory *code_of(struct elf *elf)
{
	struct code_memory *code = arena_alloc(&elf->arena, sizeof(*code));

	*code = (struct code_memory){ { read_code }, elf };
	return &code->memory;
}

struct go_source {
	struct compile_extra extra;
	struct pclntab *go;
	const struct elf *elf;
};

static void collect_go(const struct compile_extra *extra, struct table_builder *builder)
{
	go_rows_collect(builder, ((const struct go_source *)extra)->go);
}

static bool compile_go(const struct compile_extra *extra, struct table_builder *builder,
		       const struct unwind_range *range)
{
	const struct go_source *source = (const struct go_source *)extra;

	return go_rows_compile(builder, source->elf, source->go, range);
}

static void find_sections(struct elf *elf, bool is_go, struct compile_source *source)
{
	source->sections[RANGE_EH_FRAME] = named_section(elf, ".eh_frame");
	if (source->sections[RANGE_EH_FRAME].size == 0)
		source->sections[RANGE_EH_FRAME] = section_by_segment(elf);
	// Go's linker repeats there what the pclntab says.
	if (!is_go)
		source->sections[RANGE_DEBUG_FRAME] = named_section(elf, ".debug_frame");
	source->sections[RANGE_DEBUG_FRAME].is_debug_frame = true;
}

struct unwind_table *unwind_table_create(struct elf *elf)
{
	struct go_source go = { { collect_go, compile_go }, pclntab_open(elf), elf };
	struct compile_source source = { .entry = elf->entry,
					 .extra = go.go == NULL ? NULL : &go.extra };
	struct unwind_table *table;

	find_text(elf, &source);
	find_sections(elf, go.go != NULL, &source);
	table = compile_table(&source);
	if (table != NULL)
		table->code = code_of(elf);
	pclntab_close(go.go);
	return table;
}

void unwind_table_destroy(struct unwind_table *table)
{
	if (table != NULL)
		build_destroy(table);
}

struct unwind_table_stats unwind_table_stats(const struct unwind_table *table)
{
	return (struct unwind_table_stats){
		.rows = table->row_count,
		.functions = table->range_count,
		.damaged = table->damaged,
		.bytes = table->size + table->row_count * sizeof(*table->rows) +
			 table->range_count * sizeof(*table->ranges),
	};
}
