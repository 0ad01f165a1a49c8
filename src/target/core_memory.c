// Core files: ELF files of type ET_CORE, with segments for memory and notes for the rest.
//
//   NT_FILE: count, page size, {start, limit, page offset}[count], names (NUL ended)
//   NT_AUXV: {type, value}[] as the program got them, up to AT_NULL
//   NT_PRSTATUS: one a thread; signal at 12, pid at 32, registers of struct
//   user_regs_struct at 112
//
// Source: Linux, fs/binfmt_elf.c and include/uapi/linux/elfcore.h.
#include "target/core_memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/reader.h"
#include "binary/elf.h"

enum {
	FILES_LIMIT = 1 << 20,
	THREADS_LIMIT = 1 << 20,
	NOTE_LIMIT = 4096,
	STATUS_SIGNAL = 12,
	STATUS_PID = 32,
	STATUS_REGISTERS = 112,
};

static struct str segment_note(const struct elf *elf, size_t index)
{
	const Elf64_Phdr *segment = &elf->segments[index];

	if (segment->p_type != PT_NOTE || segment->p_offset > elf->view.size ||
	    segment->p_filesz > elf->view.size - segment->p_offset)
		return STR("");
	return (struct str){ (const char *)elf->view.bytes + segment->p_offset,
			     segment->p_filesz };
}

static void read_files(struct core_memory *core, struct str note)
{
	struct reader r = reader_from_str(note), names = r;
	uint64_t count = reader_u64(&r), page = reader_u64(&r);

	if (core->files != NULL || count > FILES_LIMIT || count * 24 > reader_left(&r))
		return;
	core->files = arena_array(&core->arena, count, sizeof(*core->files));
	reader_seek(&names, 16 + count * 24);
	for (uint64_t i = 0; i < count; i++) {
		struct core_file *file = &core->files[core->file_count];

		file->start = reader_u64(&r);
		file->limit = reader_u64(&r);
		file->offset = reader_u64(&r) * page;
		file->path = reader_cstr(&names);
		if (!reader_ok(&names))
			return;
		core->file_count += file->start < file->limit;
	}
}

static void read_thread(struct core_memory *core, struct str note, size_t *capacity)
{
	struct reader r = reader_from_str(note);
	const uint8_t *registers;
	struct core_thread thread;
	uint16_t signal;

	reader_seek(&r, STATUS_SIGNAL);
	signal = reader_u16(&r);
	reader_seek(&r, STATUS_PID);
	thread.tid = (int)reader_u32(&r);
	reader_seek(&r, STATUS_REGISTERS);
	registers = reader_bytes(&r, sizeof(thread.registers));
	if (registers == NULL || core->thread_count >= THREADS_LIMIT)
		return;
	memcpy(&thread.registers, registers, sizeof(thread.registers));
	core->threads = table_reserve(core->threads, capacity, core->thread_count + 1,
				      sizeof(thread));
	core->threads[core->thread_count++] = thread;
	// The first is the thread that died, or that gcore met first.
	if (core->pid == 0) {
		core->pid = thread.tid;
		core->signal = signal;
	}
}

static void read_auxiliary(struct core_memory *core, struct str note)
{
	struct reader r = reader_from_str(note);

	while (reader_left(&r) >= 16) {
		uint64_t type = reader_u64(&r), value = reader_u64(&r);

		if (type == AT_EXECFN)
			core->executed_name = value;
	}
}

static void read_notes(struct core_memory *core, struct str notes, size_t *capacity)
{
	struct reader r = reader_from_str(notes);

	while (reader_left(&r) >= 12) {
		uint32_t name_size = reader_u32(&r), size = reader_u32(&r);
		uint32_t type = reader_u32(&r);
		const uint8_t *p;
		struct str note;

		reader_skip(&r, ((uint64_t)name_size + 3) & ~(uint64_t)3);
		p = reader_bytes(&r, size);
		if (p == NULL)
			return;
		note = (struct str){ (const char *)p, size };
		reader_skip(&r, -(uint64_t)size & 3);
		if (type == NT_FILE)
			read_files(core, note);
		if (type == NT_AUXV)
			read_auxiliary(core, note);
		if (type == NT_PRSTATUS)
			read_thread(core, note, capacity);
	}
}

static struct elf *open_file(struct core_file *file)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct error ignored;

	if (!file->is_tried &&
	    !elf_open(str_terminated(&arena, file->path), &file->elf, &ignored))
		file->elf = NULL;
	file->is_tried = true;
	return file->elf;
}

// How many of the bytes wanted at `offset` of a file are there; the rest of its last page
// is zeros.
static size_t copy_from_file(const struct core_file *file, uint64_t address, void *buffer,
			     size_t size)
{
	const struct file_view *view = &file->elf->view;
	uint64_t offset = address - file->start + file->offset;
	size_t n = file->limit - address < size ? file->limit - address : size, there = 0;

	if (offset < view->size)
		there = view->size - offset < n ? view->size - offset : n;
	if (there > 0)
		memcpy(buffer, view->bytes + offset, there);
	memset((char *)buffer + there, 0, n - there);
	return n;
}

static size_t read_from_files(struct core_memory *core, uint64_t address, void *buffer,
			      size_t size)
{
	for (size_t i = 0; i < core->file_count; i++) {
		struct core_file *file = &core->files[i];

		if (address >= file->start && address < file->limit)
			return open_file(file) == NULL
				       ? 0
				       : copy_from_file(file, address, buffer, size);
	}
	return 0;
}

static size_t read_from_segments(const struct elf *elf, uint64_t address, void *buffer,
				 size_t size)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		uint64_t skip = address - segment->p_vaddr, there;

		if (segment->p_type != PT_LOAD || skip >= segment->p_filesz ||
		    segment->p_offset > elf->view.size ||
		    skip >= elf->view.size - segment->p_offset)
			continue;
		there = segment->p_filesz - skip;
		if (there > elf->view.size - segment->p_offset - skip)
			there = elf->view.size - segment->p_offset - skip;
		if (there > size)
			there = size;
		memcpy(buffer, elf->view.bytes + segment->p_offset + skip, there);
		return there;
	}
	return 0;
}

static bool core_read(const struct memory *memory, uint64_t address, void *buffer,
		      size_t size)
{
	struct core_memory *core = (struct core_memory *)(uintptr_t)memory;
	char *to = buffer;

	while (size > 0) {
		size_t n = read_from_segments(core->core, address, to, size);

		if (n == 0)
			n = read_from_files(core, address, to, size);
		if (n == 0)
			return false;
		address += n;
		to += n;
		size -= n;
	}
	return true;
}

// The program is the file that was mapped first; all its mappings get the new name.
static void replace_program(struct core_memory *core, const char *binary)
{
	struct str program = core->file_count > 0 ? core->files[0].path : STR("");

	for (size_t i = 0; i < core->file_count; i++) {
		if (str_equal(core->files[i].path, program))
			core->files[i].path = str_copy(&core->arena, str_from(binary));
	}
}

bool core_memory_is_core(const char *path)
{
	int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr header;

	return fd >= 0 && read(fd, &header, sizeof(header)) == sizeof(header) &&
	       memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_type == ET_CORE;
}

static int64_t written_at(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return 0;
	return (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
}

bool core_memory_open(const char *path, const char *binary, struct core_memory **out,
		      struct error *err)
{
	struct core_memory *core;
	struct elf *elf;
	size_t capacity = 0;

	if (!elf_open(path, &elf, err))
		return false;
	if (elf->type != ET_CORE) {
		elf_close(elf);
		return error_set(err, ERROR_FORMAT, "%s: is no core file", path);
	}
	core = table_zeroed(1, sizeof(*core));
	core->memory.read = core_read;
	core->core = elf;
	core->time_ns = written_at(path);
	for (size_t i = 0; i < elf->segment_count; i++)
		read_notes(core, segment_note(elf, i), &capacity);
	if (binary != NULL)
		replace_program(core, binary);
	*out = core;
	return true;
}

const struct elf *core_memory_file(struct core_memory *core, size_t index)
{
	return open_file(&core->files[index]);
}

bool core_memory_ran(const struct core_memory *core, const struct elf *elf, uint64_t bias)
{
	char mapped[NOTE_LIMIT];

	for (size_t i = 0; i < elf->segment_count; i++) {
		struct str note = segment_note(elf, i);
		uint64_t address = elf->segments[i].p_vaddr + bias;

		if (note.n == 0 || note.n > sizeof(mapped) ||
		    read_from_segments(core->core, address, mapped, note.n) < note.n)
			continue;
		if (memcmp(mapped, note.p, note.n) != 0)
			return false;
	}
	return true;
}

void core_memory_close(struct core_memory *core)
{
	if (core == NULL)
		return;
	for (size_t i = 0; i < core->file_count; i++) {
		if (core->files[i].elf != NULL)
			elf_close(core->files[i].elf);
	}
	free(core->threads);
	elf_close(core->core);
	arena_deinit(&core->arena);
	free(core);
}
