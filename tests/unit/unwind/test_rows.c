// Rows compiled from call frame information made by hand.
#include <string.h>

#include "binary/elf.h"
#include "test.h"
#include "unwind/rows.h"

enum { BASE = 0x1000, TEXT = 0x10000 };

// "zR", code align 1, data align -8, return address 16; absolute pointers of 8 bytes;
// CFA = rsp + 8, return address at CFA - 8.
static const uint8_t cie[] = {
	0x14, 0,    0,  0, 0, 0,    0,    0,    1,    'z', 'R', 0,
	1,    0x78, 16, 1, 0, 0x0c, 0x07, 0x08, 0x90, 1,   0,   0
};

static size_t add_fde(uint8_t *bytes, size_t at, uint64_t start, const uint8_t *code,
		      size_t code_size)
{
	uint64_t size = 64;
	uint32_t body = (uint32_t)(4 + 8 + 8 + 1 + code_size), back = (uint32_t)at + 4;

	memcpy(bytes + at, &body, 4);
	memcpy(bytes + at + 4, &back, 4);
	memcpy(bytes + at + 8, &start, 8);
	memcpy(bytes + at + 16, &size, 8);
	bytes[at + 24] = 0;
	memcpy(bytes + at + 25, code, code_size);
	return at + 4 + body;
}

static struct elf elf;

static struct unwind_table *table_of(const uint8_t *code, size_t code_size)
{
	static uint8_t bytes[256];
	static struct str inflated;
	static struct elf_section section;
	static Elf64_Phdr segment;
	size_t size = sizeof(cie);

	memcpy(bytes, cie, sizeof(cie));
	size = add_fde(bytes, size, BASE + 0x100, code, code_size);
	section = (struct elf_section){ .name = STR(".eh_frame"),
					.type = SHT_PROGBITS,
					.address = 0x20000,
					.size = size };
	segment = (Elf64_Phdr){ .p_type = PT_LOAD,
				.p_flags = PF_R | PF_X,
				.p_vaddr = BASE,
				.p_filesz = TEXT,
				.p_memsz = TEXT };
	elf = (struct elf){ .view = { bytes, size, false },
			    .segments = &segment,
			    .segment_count = 1,
			    .sections = &section,
			    .section_count = 1,
			    .inflated = &inflated };
	return unwind_table_create(&elf);
}

static void destroy(struct unwind_table *table)
{
	unwind_table_destroy(table);
	arena_deinit(&elf.arena);
}

static void check_row(const struct unwind_table *table, uint64_t offset, int kind,
		      int cfa, int fp)
{
	struct unwind_row row = row_find(table, BASE + offset);

	CHECK_INT(row.kind, kind);
	CHECK_INT(row.cfa, cfa);
	CHECK_INT(row.fp, fp);
}

TEST(rows_frame_pointer)
{
	// push %rbp; mov %rsp,%rbp; ...; remembered before an early return.
	static const uint8_t code[] = { 0x41, 0x0e, 0x10, 0x86, 0x02, 0x43, 0x0d, 0x06,
					0x44, 0x0a, 0x0c, 0x07, 0x08, 0xc6, 0x44, 0x0b };
	struct unwind_table *table = table_of(code, sizeof(code));

	CHECK(table != NULL);
	check_row(table, 0xff, ROW_NONE, 0, 0);
	check_row(table, 0x100, ROW_SP, 1, ROW_FP_SAME);
	check_row(table, 0x101, ROW_SP, 2, -2);
	check_row(table, 0x103, ROW_SP, 2, -2);
	check_row(table, 0x104, ROW_FP, 2, -2);
	check_row(table, 0x108, ROW_SP, 1, ROW_FP_SAME);
	check_row(table, 0x10c, ROW_FP, 2, -2);
	check_row(table, 0x13f, ROW_FP, 2, -2);
	check_row(table, 0x140, ROW_NONE, 0, 0);
	CHECK_INT(unwind_table_stats(table).damaged, 0);
	destroy(table);
}

TEST(rows_realigned_stack)
{
	// CFA in r10, then *(rbp - 8), RBP saved where RBP points.
	static const uint8_t code[] = { 0x45, 0x0c, 0x0a, 0x00, 0x49, 0x10, 0x06, 0x02,
					0x76, 0x00, 0x45, 0x0f, 0x03, 0x76, 0x78, 0x06 };
	struct unwind_table *table = table_of(code, sizeof(code));

	check_row(table, 0x104, ROW_SP, 1, ROW_FP_SAME);
	check_row(table, 0x105, ROW_FULL, 0, 0);
	check_row(table, 0x113, ROW_FP_DEREF, -1, 0);
	destroy(table);
}

TEST(rows_plt_and_outermost)
{
	static const uint8_t plt[] = { 0x0f, 0x0b, 0x77, 0x08, 0x80, 0x00, 0x3f,
				       0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22 };
	static const uint8_t outermost[] = { 0x07, 0x10 };
	struct unwind_table *table = table_of(plt, sizeof(plt));

	check_row(table, 0x110, ROW_PLT, 1, 11);
	destroy(table);
	table = table_of(outermost, sizeof(outermost));
	check_row(table, 0x110, ROW_OUTERMOST, 0, 0);
	destroy(table);
}

TEST(rows_damaged_function)
{
	static const uint8_t unknown[] = { 0x41, 0x3f };
	struct unwind_table *table = table_of(unknown, sizeof(unknown));

	check_row(table, 0x110, ROW_INVALID, 0, 0);
	CHECK_INT(unwind_table_stats(table).damaged, 1);
	destroy(table);
}
