// Finds the Go runtime of a process or core file: program, version, layout, symbols.
#include "golang/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "golang/code.h"
#include "golang/layout.h"
#include "golang/layout_dwarf.h"
#include "golang/process_check.h"
#include "golang/recipe.h"
#include "target/core_memory.h"
#include "target/maps.h"
#include "target/process.h"

// Takes the file over, unless it has no Go runtime; then it is closed.
static bool take_elf(struct go_process *process, struct elf *elf)
{
	if (!go_build_info_read(elf, &process->info)) {
		elf_close(elf);
		return false;
	}
	process->elf = elf;
	return true;
}

static uint64_t bias_of(const struct elf *elf, uint64_t first_mapping)
{
	if (elf->type != ET_DYN)
		return 0;
	for (size_t i = 0; i < elf->segment_count; i++) {
		if (elf->segments[i].p_type == PT_LOAD)
			return first_mapping -
			       (elf->segments[i].p_vaddr & ~(uint64_t)0xfff);
	}
	return first_mapping;
}

static bool is_path(struct str file)
{
	return file.n > 0 && file.p[0] == '/';
}

// The first mapping of the file that /proc/PID/exe is, by number and by name: file
// systems laid over others show different numbers.
static bool find_program(const struct maps *maps, const char *exe, uint64_t *start,
			 struct str *path)
{
	char name[4096];
	ssize_t n = readlink(exe, name, sizeof(name));
	struct str target = { name, n < 0 ? 0 : (size_t)n };
	struct stat status = { 0 };

	maps_strip_deleted(&target);
	if (stat(exe, &status) != 0)
		return false;
	for (size_t i = 0; i < maps->count; i++) {
		const struct maps_entry *entry = &maps->entries[i];

		if (!is_path(entry->file) ||
		    (entry->inode != status.st_ino && !str_equal(entry->file, target)))
			continue;
		*start = entry->start;
		*path = entry->file;
		return true;
	}
	return false;
}

static bool take_program(struct go_process *process, const struct maps *maps)
{
	char exe[64];
	struct elf *elf;
	struct error ignored;
	struct str path;
	uint64_t start;

	snprintf(exe, sizeof(exe), "/proc/%d/exe", process->pid);
	if (!find_program(maps, exe, &start, &path) || !elf_open(exe, &elf, &ignored) ||
	    !take_elf(process, elf))
		return false;
	process->path = str_copy(&process->arena, path);
	process->bias = bias_of(process->elf, start);
	return true;
}

// A Go library in a program of another language.
static bool take_library(struct go_process *process, const struct maps *maps)
{
	struct str last = STR("");
	struct error ignored;
	struct elf *elf;

	for (size_t i = 0; i < maps->count; i++) {
		const struct maps_entry *entry = &maps->entries[i];
		struct str path;

		if (!is_path(entry->file) || str_equal(entry->file, last))
			continue;
		last = entry->file;
		path = str_format(&process->arena, "/proc/%d/root%.*s", process->pid,
				  (int)last.n, last.p);
		if (!elf_open(path.p, &elf, &ignored) || !take_elf(process, elf))
			continue;
		process->path = str_copy(&process->arena, last);
		process->bias = bias_of(process->elf, entry->start);
		return true;
	}
	return false;
}

static bool take_core_program(struct go_process *process)
{
	struct core_memory *core = process->core;
	struct error ignored;
	struct elf *elf;

	for (size_t i = 0; i < core->file_count; i++) {
		struct str path = core->files[i].path;

		if (i > 0 && str_equal(path, core->files[i - 1].path))
			continue;
		if (!elf_open(str_terminated(&process->arena, path), &elf, &ignored) ||
		    !take_elf(process, elf))
			continue;
		process->path = path;
		process->bias = bias_of(process->elf, core->files[i].start);
		return true;
	}
	return false;
}

static bool take_dwarf_layout(struct go_process *process)
{
	struct go_layout *layout = arena_array(&process->arena, 1, sizeof(*layout));

	if (!go_layout_from_dwarf(process->elf, layout))
		return false;
	process->layout = layout;
	process->layout_origin = GO_LAYOUT_FROM_DWARF;
	return true;
}

static bool choose_layout(struct go_process *process, struct error *err)
{
	struct str version = process->info.version, known;

	// Whoever calls a runtime by another name has taken it from a late release.
	if (!go_version_parse(version, &process->version)) {
		process->version = go_layout_newest();
		process->version.is_prerelease = true;
	}
	process->layout = go_layout_find(process->version);
	if (process->layout != NULL &&
	    go_layout_is_measured(process->layout, process->version))
		return true;
	if (take_dwarf_layout(process))
		return true;
	process->layout_origin = GO_LAYOUT_OF_OLDER;
	if (process->layout != NULL)
		return true;
	known = process_check_known(&process->arena);
	return error_set(err, ERROR_UNSUPPORTED,
			 "it was built by %.*s, whose runtime this build of goprof does "
			 "not know (known are %.*s), and has no DWARF to learn it from: "
			 "build it without -ldflags=-w",
			 (int)version.n, version.p, (int)known.n, known.p);
}

static bool finish_open(struct go_process *process, struct error *err)
{
	page_cache_init(&process->kept, process->memory);
	if (!choose_layout(process, err))
		return false;
	process->pclntab = pclntab_open(process->elf);
	if (process->pclntab == NULL)
		return error_set(err, ERROR_FORMAT,
				 "%.*s: its table of functions (.gopclntab) is missing "
				 "or damaged",
				 (int)process->path.n, process->path.p);
	process->code = go_code_create(process->pclntab, process->bias, process->version);
	go_symbols_read(process->elf, &process->symbols);
	go_recipe_apply(process->elf, process->pclntab, process->version,
			&process->symbols);
	return process_check(process, err);
}

static bool explain_no_go(const struct go_process *process, struct error *err)
{
	if (process->core != NULL && process->core->file_count > 0)
		return error_set(
			err, ERROR_UNSUPPORTED,
			"no Go program found: the core says it was %.*s, which is not "
			"there or no Go program: name the binary behind the core file",
			(int)process->core->files[0].path.n,
			process->core->files[0].path.p);
	return error_set(err, ERROR_UNSUPPORTED,
			 "no Go program: neither it nor a library of it has Go's build "
			 "information");
}

// Memory may be refused although /proc/PID/maps is not.
static bool check_access(const struct go_process *process, const struct maps *maps,
			 struct error *err)
{
	char byte;

	for (size_t i = 0; i < maps->count; i++) {
		if (!maps->entries[i].is_readable)
			continue;
		if (memory_read(process->memory, maps->entries[i].start, &byte, 1))
			return true;
		return error_set(
			err, ERROR_PERMISSION,
			"its memory may not be read: run goprof as its user with "
			"kernel.yama.ptrace_scope=0, or with sudo");
	}
	return true;
}

static bool open_live(struct go_process *process, struct error *err)
{
	struct maps maps;
	bool is_open;

	if (!process_is_alive(process->pid))
		return error_set(err, ERROR_NOT_FOUND,
				 "no such process: goprof ps lists those there are");
	if (!maps_read(process->pid, &maps, err))
		return err->code == ERROR_PERMISSION
			       ? error_append(err,
					      ": run goprof as its user, or with sudo")
			       : false;
	process->live = live_memory_of(process->pid);
	process->memory = &process->live.memory;
	is_open = check_access(process, &maps, err);
	if (is_open && !take_program(process, &maps) && !take_library(process, &maps))
		is_open = explain_no_go(process, err);
	maps_deinit(&maps);
	return is_open && finish_open(process, err);
}

static bool open_core(struct go_process *process, struct error *err)
{
	if (!take_core_program(process))
		return explain_no_go(process, err);
	if (!core_memory_ran(process->core, process->elf, process->bias))
		return error_set(err, ERROR_NOT_FOUND,
				 "%.*s is not the program that ran, but another build: "
				 "name the binary behind the core file",
				 (int)process->path.n, process->path.p);
	return finish_open(process, err);
}

bool go_process_open(int pid, struct go_process **out, struct error *err)
{
	struct go_process *process = table_zeroed(1, sizeof(*process));

	process->pid = pid;
	if (!open_live(process, err)) {
		go_process_close(process);
		return error_wrap(err, "process %d", pid);
	}
	*out = process;
	return true;
}

bool go_process_open_core(const char *path, const char *binary, struct go_process **out,
			  struct error *err)
{
	struct go_process *process = table_zeroed(1, sizeof(*process));
	bool is_open = core_memory_open(path, binary, &process->core, err);

	if (is_open) {
		process->pid = process->core->pid;
		process->memory = &process->core->memory;
		is_open = open_core(process, err);
		if (!is_open)
			error_wrap(err, "%s", path);
	}
	if (!is_open) {
		go_process_close(process);
		return false;
	}
	*out = process;
	return true;
}

void go_process_close(struct go_process *process)
{
	if (process == NULL)
		return;
	go_code_destroy(process->code);
	go_symbols_deinit(&process->symbols);
	pclntab_close(process->pclntab);
	if (process->elf != NULL)
		elf_close(process->elf);
	page_cache_deinit(&process->kept);
	core_memory_close(process->core);
	arena_deinit(&process->arena);
	free(process);
}

bool go_process_is_go(int pid, struct arena *arena, struct str *version)
{
	struct go_build_info info;
	char exe[64];
	struct error ignored;
	struct elf *elf;
	bool is_go;

	snprintf(exe, sizeof(exe), "/proc/%d/exe", pid);
	if (!elf_open(exe, &elf, &ignored))
		return false;
	is_go = go_build_info_read(elf, &info);
	if (is_go && version != NULL)
		*version = str_copy(arena, info.version);
	elf_close(elf);
	return is_go;
}

int64_t go_process_time_ns(const struct go_process *process)
{
	if (process->core != NULL)
		return process->core->time_ns;
	return clock_date_ns();
}

uint64_t go_process_find(const struct go_process *process, struct str name)
{
	uint64_t address = go_symbols_find(&process->symbols, name);

	return address == 0 ? 0 : address + process->bias;
}

bool go_process_need(const struct go_process *process, struct str name, uint64_t *out,
		     struct error *err)
{
	*out = go_process_find(process, name);
	return *out != 0 ||
	       error_set(err, ERROR_UNSUPPORTED,
			 "%.*s (%.*s) has no symbol %.*s: it was stripped, and this "
			 "release's runtime could not be read without symbols",
			 (int)process->path.n, process->path.p,
			 (int)process->info.version.n, process->info.version.p,
			 (int)name.n, name.p);
}

size_t go_process_read_many(const struct go_process *process, struct memory_range *ranges,
			    size_t count)
{
	size_t arrived = 0;

	if (process->core == NULL)
		return live_memory_read_many(process->pid, ranges, count);
	for (size_t i = 0; i < count; i++) {
		ranges[i].is_read = memory_read(process->memory, ranges[i].address,
						ranges[i].buffer, ranges[i].size);
		arrived += ranges[i].is_read;
	}
	return arrived;
}

uint64_t go_process_read_number(const struct go_process *process, uint64_t address,
				size_t size)
{
	uint64_t value = 0;

	return memory_read(process->memory, address, &value, size) ? value : 0;
}

struct str go_process_read_string(const struct go_process *process, uint64_t address,
				  size_t limit, struct arena *arena)
{
	uint64_t header[2];
	char *text;

	if (!memory_read(process->memory, address, header, sizeof(header)) ||
	    header[1] == 0)
		return STR("");
	if (header[1] > limit)
		header[1] = limit;
	text = arena_alloc(arena, header[1] + 1);
	if (!memory_read(process->memory, header[0], text, header[1]))
		return STR("");
	return (struct str){ text, header[1] };
}
