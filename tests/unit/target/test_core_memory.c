// A small core file, written here: one segment, one thread, one mapped file.
#include "target/core_memory.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/writer.h"
#include "test.h"

enum {
	SEGMENT = 0x7000,
	SEGMENT_BYTES = 64,
	FILE_START = 0x400000,
	STATUS_SIZE = 336,
	STATUS_PID = 32,
	STATUS_REGISTERS = 112,
};

static void put(struct writer *w, const void *bytes, size_t size)
{
	static const char zeros[4];

	writer_bytes(w, bytes, size);
	writer_bytes(w, zeros, -size & 3);
}

static void put_note(struct writer *w, uint32_t type, const void *bytes, uint32_t size)
{
	Elf64_Nhdr header = { .n_namesz = 5, .n_descsz = size, .n_type = type };

	writer_bytes(w, &header, sizeof(header));
	put(w, "CORE", 5);
	put(w, bytes, size);
}

static void put_notes(struct writer *w, const char *file)
{
	uint64_t files[] = { 1, 4096, FILE_START, FILE_START + 4096, 0 };
	uint8_t status[STATUS_SIZE] = { [STATUS_PID] = 77 };
	char mapped[sizeof(files) + 256];
	uint64_t pc = FILE_START + 16, sp = SEGMENT + 8;

	memcpy(status + STATUS_REGISTERS + 16 * 8, &pc, 8);
	memcpy(status + STATUS_REGISTERS + 19 * 8, &sp, 8);
	put_note(w, NT_PRSTATUS, status, sizeof(status));
	memcpy(mapped, files, sizeof(files));
	strcpy(mapped + sizeof(files), file);
	put_note(w, NT_FILE, mapped, (uint32_t)(sizeof(files) + strlen(file) + 1));
}

static void write_core(const char *path, const char *file)
{
	struct writer notes = writer_to_memory(), w = writer_to_memory();
	Elf64_Ehdr header = { .e_ident = ELFMAG "\2\1\1",
			      .e_type = ET_CORE,
			      .e_machine = EM_X86_64,
			      .e_version = 1,
			      .e_phoff = sizeof(header),
			      .e_ehsize = sizeof(header),
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_phnum = 2 };
	Elf64_Phdr segments[2] = { { .p_type = PT_NOTE },
				   { .p_type = PT_LOAD,
				     .p_vaddr = SEGMENT,
				     .p_filesz = SEGMENT_BYTES,
				     .p_memsz = 4096 } };
	FILE *out = fopen(path, "wb");

	put_notes(&notes, file);
	segments[0].p_offset = sizeof(header) + sizeof(segments);
	segments[0].p_filesz = writer_contents(&notes).n;
	segments[1].p_offset = segments[0].p_offset + segments[0].p_filesz;
	writer_bytes(&w, &header, sizeof(header));
	writer_bytes(&w, segments, sizeof(segments));
	writer_str(&w, writer_contents(&notes));
	for (unsigned i = 0; i < SEGMENT_BYTES; i++)
		writer_char(&w, (char)i);
	fwrite(writer_contents(&w).p, 1, writer_contents(&w).n, out);
	fclose(out);
	writer_deinit(&notes);
	writer_deinit(&w);
}

TEST(core_memory_reads_segments_notes_and_mapped_files)
{
	char path[] = "/tmp/test_core_XXXXXX";
	struct core_memory *core;
	struct error err;
	char bytes[8];

	close(mkstemp(path));
	write_core(path, "/proc/self/exe");
	CHECK(core_memory_is_core(path));
	CHECK(core_memory_open(path, NULL, &core, &err));
	CHECK(core->pid == 77 && core->thread_count == 1 && core->file_count == 1);
	CHECK(core->threads[0].registers.rip == FILE_START + 16);
	CHECK(memory_read(&core->memory, core->threads[0].registers.rsp, bytes, 8));
	CHECK(bytes[0] == 8 && bytes[7] == 15);
	CHECK(!memory_read(&core->memory, SEGMENT + SEGMENT_BYTES - 4, bytes, 8));
	// What the kernel left out is in the file.
	CHECK(memory_read(&core->memory, FILE_START, bytes, 4));
	CHECK(memcmp(bytes, ELFMAG, 4) == 0);
	CHECK(!memory_read(&core->memory, FILE_START + 4094, bytes, 8));
	core_memory_close(core);
	unlink(path);
}

TEST(core_memory_takes_another_file_for_the_program)
{
	char path[] = "/tmp/test_core_XXXXXX";
	struct core_memory *core;
	struct error err;

	close(mkstemp(path));
	write_core(path, "/nowhere/at/all");
	CHECK(core_memory_open(path, "/proc/self/exe", &core, &err));
	CHECK_STR(core->files[0].path, "/proc/self/exe");
	core_memory_close(core);
	CHECK(!core_memory_open("/proc/self/exe", NULL, &core, &err));
	CHECK(err.code == ERROR_FORMAT);
	CHECK(!core_memory_is_core("/proc/self/exe"));
	unlink(path);
}
