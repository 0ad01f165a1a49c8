// Headers, contents and notes of this very program, and of files that lie.
#include "base/cleanup.h"
#include "base/error.h"
#include "base/inflate.h"
#include "binary/elf.h"
#include "test.h"

static struct elf *open_self(void)
{
	struct elf *elf = NULL;
	struct error err = { 0 };

	if (!elf_open("/proc/self/exe", &elf, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return elf;
}

static bool open_bytes(const void *bytes, size_t size, struct elf **out,
		       struct error *err)
{
	struct file_view view = { malloc(size == 0 ? 1 : size), size, false };

	memcpy((uint8_t *)view.bytes, bytes, size);
	return elf_from_view_take(view, "bytes", out, err);
}

TEST(elf_reads_this_program)
{
	struct elf *elf = open_self();
	const struct elf_section *text = elf_find_section(elf, ".text");
	uint64_t address = 0;

	CHECK_INT(elf->machine, EM_X86_64);
	CHECK(elf->segment_count > 4);
	CHECK(text != NULL);
	CHECK_INT(elf_contents(elf, text).n, text->size);
	CHECK(elf_at_address(elf, text->address, text->size).p ==
	      elf_contents(elf, text).p);
	CHECK(elf_address_of_offset(elf, text->offset + 5, &address));
	CHECK_INT(address, text->address + 5);
	CHECK(!elf_address_of_offset(elf, elf->view.size, &address));
	CHECK_INT(elf_contents(elf, elf_find_section(elf, ".bss")).n, 0);
	CHECK(elf_find_section(elf, ".nonesuch") == NULL);
	CHECK_INT(elf_named_contents(elf, ".nonesuch").n, 0);
	CHECK_INT(elf->build_id.n, 20);
	elf_close(elf);
}

TEST(elf_does_without_section_headers)
{
	struct elf *self = open_self(), *elf = NULL;
	CLEANUP_FREE uint8_t *copy = malloc(self->view.size);
	uint64_t text = elf_find_section(self, ".text")->address;
	struct error err;

	memcpy(copy, self->view.bytes, self->view.size);
	memset(copy + offsetof(Elf64_Ehdr, e_shoff), 0, 8);
	memset(copy + offsetof(Elf64_Ehdr, e_shnum), 0, 2);
	CHECK(open_bytes(copy, self->view.size, &elf, &err));
	CHECK_INT(elf->section_count, 0);
	CHECK_INT(elf->build_id.n, 20);
	CHECK(memcmp(elf->build_id.p, self->build_id.p, 20) == 0);
	CHECK_INT(elf_at_address(elf, text, 16).n, 16);
	elf_close(elf);
	elf_close(self);
}

TEST(elf_refuses_by_name)
{
	uint8_t header[64] = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, 1 };
	struct elf *elf = NULL;
	struct error err;

	CHECK(!open_bytes("#!/bin/sh\n", 10, &elf, &err));
	CHECK_INT(err.code, ERROR_FORMAT);
	CHECK(!open_bytes(header, sizeof(header), &elf, &err));
	CHECK_STR(str_from(err.text),
		  "bytes: a 32-bit ELF file; only 64-bit ones can be read");
	header[EI_CLASS] = ELFCLASS64;
	header[EI_DATA] = ELFDATA2MSB;
	CHECK(!open_bytes(header, sizeof(header), &elf, &err));
	CHECK_INT(err.code, ERROR_UNSUPPORTED);
	CHECK(elf == NULL);
}

TEST(elf_survives_counts_that_lie)
{
	Elf64_Ehdr header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_shoff = UINT64_MAX - 8,
		.e_phoff = 64,
		.e_phnum = PN_XNUM,
		.e_shnum = 0,
		.e_shstrndx = SHN_XINDEX,
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_shentsize = sizeof(Elf64_Shdr),
	};
	struct elf *elf = NULL;
	struct error err;

	CHECK(open_bytes(&header, sizeof(header), &elf, &err));
	CHECK_INT(elf->section_count, 0);
	CHECK_INT(elf->segment_count, 0);
	CHECK_INT(elf_at_address(elf, 0, 1).n, 0);
	elf_close(elf);
}

TEST(elf_address_of_offset_knows_pages)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segments[2];
	} file = {
		.header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
					 1 },
			    .e_phoff = sizeof(Elf64_Ehdr),
			    .e_phnum = 2,
			    .e_phentsize = sizeof(Elf64_Phdr) },
		.segments = { { .p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = 0x1a40 },
			      { .p_type = PT_LOAD,
				.p_flags = PF_R | PF_X,
				.p_offset = 0x1a40,
				.p_vaddr = 0x2a40,
				.p_filesz = 0x100 } },
	};
	struct elf *elf = NULL;
	struct error err;
	uint64_t address = 0;

	CHECK(open_bytes(&file, sizeof(file), &elf, &err));
	CHECK(elf_address_of_offset(elf, 0x1a41, &address));
	CHECK_INT(address, 0x2a41);
	CHECK(elf_address_of_offset(elf, 0x1000, &address));
	CHECK_INT(address, 0x2000);
	CHECK(!elf_address_of_offset(elf, 0xfff, &address));
	CHECK(!elf_address_of_offset(elf, 0x1b40, &address));
	elf_close(elf);
}

// A header, then three section headers, then the packed contents and the names.
struct packed_file {
	Elf64_Ehdr header;
	Elf64_Shdr sections[3];
	char names[32];
	Elf64_Chdr packing;
	uint8_t contents[512];
};

static void packed_file_init(struct packed_file *file, size_t packed_size)
{
	*file = (struct packed_file){
		.header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
					 1 },
			    .e_shoff = offsetof(struct packed_file, sections),
			    .e_shnum = 3,
			    .e_shstrndx = 1,
			    .e_shentsize = sizeof(Elf64_Shdr) },
		.names = "\0.names\0.debug_line",
		.packing = { ELFCOMPRESS_ZLIB, 0, 1000, 1 },
	};
	file->sections[1] = (Elf64_Shdr){
		.sh_name = 1,
		.sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct packed_file, names),
		.sh_size = sizeof(file->names),
	};
	file->sections[2] = (Elf64_Shdr){
		.sh_name = 8,
		.sh_type = SHT_PROGBITS,
		.sh_flags = SHF_COMPRESSED,
		.sh_offset = offsetof(struct packed_file, packing),
		.sh_size = sizeof(Elf64_Chdr) + packed_size,
	};
}

// A zlib stream made of stored blocks: no compressor needed.
static size_t stored_zlib(uint8_t *out, size_t size)
{
	const uint8_t head[] = { 0x78,
				 0x01,
				 0x01,
				 (uint8_t)size,
				 (uint8_t)(size >> 8),
				 (uint8_t)~size,
				 (uint8_t)(~size >> 8) };
	uint32_t a = 1, b = 0;

	memcpy(out, head, sizeof(head));
	for (size_t i = 0; i < size; i++) {
		out[sizeof(head) + i] = (uint8_t)i;
		a = (a + (uint8_t)i) % 65521;
		b = (b + a) % 65521;
	}
	uint32_t sum = __builtin_bswap32(b << 16 | a);

	memcpy(out + sizeof(head) + size, &sum, sizeof(sum));
	return sizeof(head) + size + sizeof(sum);
}

TEST(elf_inflates_sections)
{
	struct packed_file file;
	struct elf *elf = NULL;
	struct error err;

	packed_file_init(&file, stored_zlib((uint8_t[512]){ 0 }, 300));
	(void)stored_zlib(file.contents, 300);
	file.packing.ch_size = 300;
	CHECK(open_bytes(&file, sizeof(file), &elf, &err));
	struct str contents = elf_named_contents(elf, ".debug_line");

	CHECK_INT(contents.n, 300);
	CHECK_INT((uint8_t)contents.p[299], 299 & 0xff);
	CHECK(elf_named_contents(elf, ".debug_line").p == contents.p);
	elf_close(elf);
}

TEST(elf_gives_nothing_for_sections_that_lie)
{
	const uint64_t sizes[] = { 0, 299, 301, INFLATE_LIMIT, UINT64_MAX };
	struct error err;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct packed_file file;
		struct elf *elf = NULL;

		packed_file_init(&file, stored_zlib((uint8_t[512]){ 0 }, 300));
		(void)stored_zlib(file.contents, 300);
		file.packing.ch_size = sizes[i];
		CHECK(open_bytes(&file, sizeof(file), &elf, &err));
		CHECK_INT(elf_named_contents(elf, ".debug_line").n, 0);
		elf_close(elf);
	}
}
