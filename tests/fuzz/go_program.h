// The program behind hostile memory: nothing but a small pclntab, which another fuzzer
// attacks. Opened once and kept.
#pragma once

#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "binary/elf.h"

enum { GO_PROGRAM_CODE = 0x400000 };

static struct elf *go_program(void)
{
	static struct str inflated;
	static struct elf_section section = { .type = SHT_PROGBITS,
					      .address = GO_PROGRAM_CODE };
	static Elf64_Phdr segment = { .p_type = PT_LOAD, .p_flags = PF_R | PF_X };
	static struct elf elf = { .segments = &segment,
				  .segment_count = 1,
				  .sections = &section,
				  .section_count = 1,
				  .inflated = &inflated };
	struct error err;

	if (elf.view.size > 0)
		return &elf;
	if (!file_view_open("tests/fuzz/corpus/pclntab/go1.20", &elf.view, &err))
		abort();
	section.name = STR(".gopclntab");
	section.size = segment.p_filesz = segment.p_memsz = elf.view.size;
	segment.p_vaddr = GO_PROGRAM_CODE;
	return &elf;
}
