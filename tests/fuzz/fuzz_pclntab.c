// Reads everything of a hostile pclntab, and makes unwind rows of it.
#include <string.h>

#include "binary/elf.h"
#include "binary/pclntab.h"
#include "unwind/table.h"

enum { BASE = 0x400000, FUNCTIONS = 64, FRAMES = 8 };

static bool visit(void *context, uint64_t start, uint64_t limit, int32_t delta)
{
	(void)delta;
	return ++*(size_t *)context < 1000 && start < limit;
}

static void read_all(const struct pclntab *table)
{
	size_t count = pclntab_function_count(table), runs = 0;
	struct pclntab_cursor cursor = { 0 };

	for (size_t i = 0; i < count && i < FUNCTIONS; i++) {
		struct pclntab_function function;
		struct pclntab_frame frames[FRAMES];

		if (!pclntab_function_at(table, i, &function))
			continue;
		pclntab_frames(table, &cursor, function.start, frames, FRAMES);
		pclntab_frames(table, &cursor, function.limit - 1, frames, FRAMES);
		pclntab_visit_pcsp(table, &function, visit, &runs);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;

	struct elf_section section = { .name = STR(".gopclntab"),
				       .type = SHT_PROGBITS,
				       .address = BASE,
				       .size = size };
	Elf64_Phdr segment = { .p_type = PT_LOAD,
			       .p_flags = PF_R | PF_X,
			       .p_vaddr = BASE,
			       .p_filesz = size,
			       .p_memsz = size };
	struct str inflated = { NULL, 0 };
	struct elf elf = { .view = { data, size, false },
			   .segments = &segment,
			   .segment_count = 1,
			   .sections = &section,
			   .section_count = 1,
			   .inflated = &inflated };
	struct pclntab *table = pclntab_open(&elf);

	if (table != NULL) {
		read_all(table);
		unwind_table_destroy(unwind_table_create(&elf));
	}
	pclntab_close(table);
	arena_deinit(&elf.arena);
	return 0;
}
