// Builds a table from hostile .eh_frame or .debug_frame bytes and walks a stack of them.
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "binary/elf.h"
#include "unwind/table.h"
#include "unwind/unwind.h"

enum { BASE = 0x1000, TEXT = 0x100000, FRAMES = 64 };

static void walk_from(const struct unwind_space *space, const uint8_t *data, size_t size,
		      uint64_t pc)
{
	struct memory_bytes stack = memory_from_bytes(BASE, data, size);
	struct unwind_registers registers = { .known = (1u << UNWIND_REGISTERS) - 1 };
	uint64_t pcs[FRAMES];
	bool is_exact[FRAMES];
	enum unwind_end end;

	for (size_t i = 0; i < UNWIND_REGISTERS; i++)
		registers.value[i] = BASE + (pc * 8 + i * 64) % (size + 1);
	registers.value[UNWIND_RIP] = pc;
	if (unwind_walk(space, &stack.memory, &registers, pcs, is_exact, FRAMES, &end) >
	    FRAMES)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;

	struct elf_section section = { .type = SHT_PROGBITS, .address = BASE };
	Elf64_Phdr segment = { .p_type = PT_LOAD,
			       .p_flags = PF_R | PF_X,
			       .p_vaddr = BASE,
			       .p_filesz = TEXT,
			       .p_memsz = TEXT };
	struct str inflated = { NULL, 0 };
	struct elf elf = { .view = { data, size, false },
			   .segments = &segment,
			   .segment_count = 1,
			   .sections = &section,
			   .section_count = 1,
			   .inflated = &inflated };

	section.name = size > 0 && (data[size - 1] & 1) != 0 ? STR(".debug_frame")
							     : STR(".eh_frame");
	section.size = size;

	struct unwind_table *table = unwind_table_create(&elf);
	struct unwind_mapping mapping = { 0, BASE + TEXT, 0, table };
	struct unwind_space space = { &mapping, 1 };

	for (uint64_t pc = BASE; table != NULL && pc < BASE + TEXT; pc += TEXT / 64 + 1)
		walk_from(&space, data, size, pc);
	unwind_table_destroy(table);
	arena_deinit(&elf.arena);
	return 0;
}
