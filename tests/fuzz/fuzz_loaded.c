// Hostile program files as they lie in memory: what the recorder compiles of their
// .eh_frame while it runs inside a process, and their build ids.
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pages.h"
#include "unwind/build.h"
#include "unwind/unwind.h"

// The recorder is in no archive of the house.
#include "recorder/loaded.c"

enum { FRAMES = 64, HEADER = 64, LIMIT = 1 << 16 };

static void walk(const struct unwind_table *table, const uint8_t *image, size_t size)
{
	uint64_t base = (uintptr_t)image;
	struct unwind_mapping mapping = { base, base + size, base, table };
	struct unwind_space space = { &mapping, 1 };
	struct memory_bytes stack = memory_from_bytes(base, image, size);

	for (uint64_t at = 0; at < size; at += size / 16 + 1) {
		struct unwind_registers registers = { .known = (1u << UNWIND_REGISTERS) -
							       1 };
		uint64_t pcs[FRAMES];
		bool is_exact[FRAMES];
		enum unwind_end end;

		for (size_t i = 0; i < UNWIND_REGISTERS; i++)
			registers.value[i] = base + (at + i * 64) % size;
		if (unwind_walk(&space, &stack.memory, &registers, pcs, is_exact, FRAMES,
				&end) > FRAMES)
			abort();
	}
}

// The input is the file; its first bytes say where its tables are.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char id[LOADED_BUILD_ID_MAX + 1];
	struct loaded_file file;
	struct unwind_table *table;

	if (size <= HEADER || size > LIMIT)
		return 0;

	// Exactly as large, so that a byte too far is seen.
	uint8_t *image = malloc(size);
	Elf64_Phdr segments[] = {
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X },
		{ .p_type = PT_GNU_EH_FRAME },
		{ .p_type = PT_NOTE },
	};

	if (image == NULL)
		abort();
	memcpy(image, data, size);
	segments[0].p_filesz = segments[0].p_memsz = size;
	segments[1].p_vaddr = data[0] | data[1] << 8;
	segments[2].p_vaddr = data[2] | data[3] << 8;
	segments[2].p_filesz = data[4] | data[5] << 8;
	file = (struct loaded_file){ (uintptr_t)image, segments, 3, "" };
	loaded_build_id(&file, id);
	if (strlen(id) > LOADED_BUILD_ID_MAX)
		abort();
	table = loaded_compile(&file, 0);
	if (table != NULL) {
		walk(table, image, size);
		if (table->sections[RANGE_EH_FRAME].size > 0)
			pages_unmap(
				(void *)(uintptr_t)table->sections[RANGE_EH_FRAME].bytes,
				table->sections[RANGE_EH_FRAME].size);
		build_destroy((struct unwind_table *)table);
	}
	free(image);
	return 0;
}
