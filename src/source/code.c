// Opening program files through the root of whoever maps them, and checking that they are
// still the ones that run.
#include "source/code.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/hash.h"
#include "binary/elf.h"
#include "binary/module.h"
#include "binary/program_file.h"
#include "target/live_memory.h"
#include "target/process.h"
#include "unwind/table.h"

struct code_root {
	int fd; // -1: our own
	uint64_t namespace_inode, root_inode, root_device;
	char path[32];
};

void code_set_init(struct code_set *set, enum code_origin origin)
{
	*set = (struct code_set){ .origin = origin };
	set->roots = table_reserve(NULL, &set->root_capacity, 1, sizeof(*set->roots));
	set->roots[set->root_count++] = (struct code_root){ .fd = -1 };
}

void code_set_deinit(struct code_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->codes[i].table != NULL)
			unwind_table_destroy(set->codes[i].table);
		if (set->codes[i].module != NULL)
			module_close(set->codes[i].module);
	}
	for (size_t i = 0; i < set->root_count; i++) {
		if (set->roots[i].fd >= 0)
			close(set->roots[i].fd);
	}
	free(set->codes);
	free(set->roots);
	free(set->build_ids);
	map_deinit(&set->build_id_rows);
	map_deinit(&set->by_key);
	arena_deinit(&set->arena);
}

static uint32_t find_root(const struct code_set *set, const struct code_root *wanted)
{
	for (size_t i = 1; i < set->root_count; i++) {
		const struct code_root *root = &set->roots[i];

		if (root->namespace_inode == wanted->namespace_inode &&
		    root->root_inode == wanted->root_inode &&
		    root->root_device == wanted->root_device)
			return (uint32_t)i;
	}
	return 0;
}

uint32_t code_root_of(struct code_set *set, int pid)
{
	struct code_root root;
	struct stat space, top;
	char path[64];
	uint32_t known;

	if (set->origin == CODE_RECORDED || process_shares_files_with_us(pid))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	if (stat(path, &space) != 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	root.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root.fd < 0 || fstat(root.fd, &top) != 0)
		return 0;
	root.namespace_inode = space.st_ino;
	root.root_inode = top.st_ino;
	root.root_device = top.st_dev;
	known = find_root(set, &root);
	if (known != 0) {
		close(root.fd);
		return known;
	}
	snprintf(root.path, sizeof(root.path), "/proc/self/fd/%d", root.fd);
	set->roots = table_reserve(set->roots, &set->root_capacity, set->root_count + 1,
				   sizeof(*set->roots));
	set->roots[set->root_count] = root;
	return (uint32_t)set->root_count++;
}

struct str code_root_path(const struct code_set *set, uint32_t root)
{
	return str_from(set->roots[root].path);
}

static bool is_anonymous(struct str file)
{
	return file.n == 0 || str_starts_with(file, STR("//")) ||
	       str_starts_with(file, STR("/memfd:")) ||
	       str_starts_with(file, STR("/dev/zero")) ||
	       str_starts_with(file, STR("/SYSV")) ||
	       (file.p[0] == '[' && !str_equal(file, STR("[vdso]")));
}

void code_set_build_id(struct code_set *set, struct str file, struct str build_id)
{
	uint32_t *row = map_put(&set->build_id_rows, str_hash(file));

	if (*row == MAP_NONE) {
		set->build_ids =
			table_reserve(set->build_ids, &set->build_id_capacity,
				      set->build_id_count + 1, sizeof(*set->build_ids));
		*row = (uint32_t)set->build_id_count++;
	} else if (str_equal(set->build_ids[*row], build_id)) {
		return;
	}
	set->build_ids[*row] = str_copy(&set->arena, build_id);
}

static struct str recorded_build_id(const struct code_set *set, struct str file)
{
	uint32_t row = map_get(&set->build_id_rows, str_hash(file));

	return row == MAP_NONE ? STR("") : set->build_ids[row];
}

uint32_t code_find(struct code_set *set, uint32_t root, int pid, struct str file,
		   uint64_t inode)
{
	bool has_no_file = is_anonymous(file);
	struct str build_id = recorded_build_id(set, file);
	uint64_t key = hash_mix(str_hash(file), has_no_file ? (uint64_t)pid : inode);
	uint32_t *row = map_put(&set->by_key, hash_mix(key, str_hash(build_id) ^ root));

	if (*row != MAP_NONE)
		return *row;
	set->codes = table_reserve(set->codes, &set->capacity, set->count + 1,
				   sizeof(*set->codes));
	set->codes[set->count] = (struct code){
		.file = file.n == 0 ? STR("//anon") : str_copy(&set->arena, file),
		.root = root,
		.inode = inode,
		.build_id = build_id,
		.state = has_no_file ? CODE_ANONYMOUS : CODE_UNOPENED,
	};
	*row = (uint32_t)set->count++;
	return *row;
}

static bool open_vdso(struct module **out, struct error *err)
{
	enum { VDSO_BYTES_MAX = 64 * 1024 };
	// All processes map the same pages, so our own serve for those long gone, too.
	struct live_memory memory = live_memory_of(getpid());
	uint64_t address = getauxval(AT_SYSINFO_EHDR);
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 0;
	uint8_t byte;

	while (size < VDSO_BYTES_MAX &&
	       memory_read(&memory.memory, address + size, &byte, 1))
		size += page;
	return module_open_memory(&memory.memory, address, size, STR("[vdso]"), out, err);
}

// A mapping begins with the page that a segment begins in, so its start may belong to
// nothing in the file.
static bool find_bias(const struct elf *elf, const struct code_place *place,
		      uint64_t *out)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		uint64_t first = segment->p_offset / page * page;

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0 ||
		    place->offset < first ||
		    place->offset >= segment->p_offset + segment->p_filesz)
			continue;
		*out = place->start - place->offset + segment->p_offset -
		       segment->p_vaddr;
		return true;
	}
	return false;
}

bool code_bias(const struct code *code, const struct code_place *place, uint64_t *out)
{
	return code->module != NULL && find_bias(module_elf(code->module), place, out);
}

enum likeness {
	SAME,
	DIFFERENT,
	UNKNOWN,
};

// Compares the notes (the build id is one) of the file with those in the memory of the
// process that maps it.
static enum likeness compare_notes(struct module *module, const struct code_place *place)
{
	const struct elf *elf = module_elf(module);
	struct live_memory memory = live_memory_of(place->pid);
	uint64_t bias;
	enum likeness result = UNKNOWN;

	if (!find_bias(elf, place, &bias))
		return DIFFERENT;
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *note = &elf->segments[i];
		uint8_t theirs[512];
		struct str ours;

		if (note->p_type != PT_NOTE || note->p_filesz > sizeof(theirs))
			continue;
		ours = elf_at_address(elf, note->p_vaddr, note->p_filesz);
		if (ours.n == 0 ||
		    !memory_read(&memory.memory, bias + note->p_vaddr, theirs, ours.n))
			continue;
		if (memcmp(ours.p, theirs, ours.n) != 0)
			return DIFFERENT;
		result = SAME;
	}
	return result;
}

static bool has_inode(struct str root, struct str file, uint64_t inode)
{
	char path[4096];
	struct stat st;

	if (root.n + file.n >= sizeof(path))
		return false;
	snprintf(path, sizeof(path), "%.*s%.*s", (int)root.n, root.p, (int)file.n,
		 file.p);
	return stat(path, &st) == 0 && st.st_ino == inode;
}

// Opens what stands under that name now; false when that is not what the process runs.
static bool open_current(struct code *code, struct str root,
			 const struct code_place *place, struct error *err)
{
	struct module_options options = { .root = root };

	if (!module_open(code->file, &options, &code->module, err))
		return false;
	if (has_inode(root, code->file, code->inode) ||
	    compare_notes(code->module, place) != DIFFERENT)
		return true;
	module_close(code->module);
	code->module = NULL;
	code->is_replaced = true;
	return error_set(err, ERROR_NOT_FOUND,
			 "%.*s was replaced since the process started: restart the "
			 "process to get names",
			 (int)code->file.n, code->file.p);
}

// The kernel still has a file that lost its name, and shows it to whom it trusts.
static bool open_unlinked(struct code *code, const struct code_place *place)
{
	struct module_options options = { 0 };
	struct error ignored;
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", place->pid,
		 (unsigned long long)place->start, (unsigned long long)place->limit);
	if (module_open(str_from(path), &options, &code->module, &ignored))
		return true;
	snprintf(path, sizeof(path), "/proc/%d/exe", place->pid);
	if (!module_open(str_from(path), &options, &code->module, &ignored))
		return false;
	if (compare_notes(code->module, place) == SAME)
		return true;
	module_close(code->module);
	code->module = NULL;
	return false;
}

// The vDSO of this kernel may be another than that of the recording.
static bool open_recorded_vdso(struct code *code, struct error *err)
{
	if (!open_vdso(&code->module, err))
		return false;
	if (code->build_id.n == 0 ||
	    str_equal(code->build_id, module_build_id(code->module)))
		return true;
	module_close(code->module);
	code->module = NULL;
	return error_set(err, ERROR_NOT_FOUND, "[vdso]: recorded on another kernel");
}

static bool open_recorded(struct code_set *set, struct code *code, struct error *err)
{
	struct program_file_query query = { .file = code->file,
					    .build_id = code->build_id };
	struct module_options options = { 0 };
	struct str reason;

	if (str_equal(code->file, STR("[vdso]")))
		return open_recorded_vdso(code, err);
	return program_file_open(&query, &options, &set->arena, &code->module, &reason) ||
	       error_set(err, ERROR_NOT_FOUND, "%.*s", (int)reason.n, reason.p);
}

static bool open_module(struct code_set *set, struct code *code,
			const struct code_place *place, struct error *err)
{
	struct str root = code_root_path(set, code->root);

	if (set->origin == CODE_RECORDED)
		return open_recorded(set, code, err);
	if (str_equal(code->file, STR("[vdso]")))
		return open_vdso(&code->module, err);
	if (open_current(code, root, place, err))
		return true;
	// In a chroot, /proc/PID/maps names files as we see them.
	if (root.n > 0 && !code->is_replaced && open_current(code, STR(""), place, err))
		return true;
	return open_unlinked(code, place);
}

struct code *code_open(struct code_set *set, uint32_t row, const struct code_place *place)
{
	struct code *code = &set->codes[row];
	struct error err;

	if (code->state != CODE_UNOPENED)
		return code;
	if (!open_module(set, code, place, &err)) {
		code->state = CODE_MISSING;
		code->problem = str_copy(&set->arena, str_from(err.text));
		return code;
	}
	code->state = CODE_OPEN;
	set->opened++;
	code->is_go = elf_find_section(module_elf(code->module), ".go.buildinfo") != NULL;
	code->table = unwind_table_create((struct elf *)module_elf(code->module));
	return code;
}
