// Decides by the mapping's name and address what holds its names.
#include "binary/symbolize_origins.h"

#include <link.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "binary/kallsyms.h"
#include "binary/kernel_id.h"
#include "binary/perf_map.h"
#include "binary/program_file.h"
#include "binary/symbolize.h"
#include "profile/profile.h"

// A program file that was looked for, found or not.
struct program {
	struct module *module; // NULL: `reason` says why
	struct str reason;
};

struct symbolize_origins {
	const struct profile *profile;
	const struct symbolize_options *options;
	struct arena arena;
	struct map program_rows; // file and build id -> row of programs
	struct program *programs;
	size_t program_count, program_capacity;
	struct map perf_map_rows;    // pid -> row of perf_maps
	struct perf_map **perf_maps; // NULL: that process has none
	size_t perf_map_count, perf_map_capacity;
	struct kallsyms *kallsyms;
	struct str kallsyms_reason; // why it is NULL, once tried
};

struct symbolize_origins *symbolize_origins_create(
	struct profile *profile, const struct symbolize_options *options)
{
	struct symbolize_origins *origins = calloc(1, sizeof(*origins));

	if (origins == NULL)
		arena_out_of_memory(sizeof(*origins));
	origins->profile = profile;
	origins->options = options;
	return origins;
}

void symbolize_origins_destroy(struct symbolize_origins *origins)
{
	for (size_t i = 0; i < origins->program_count; i++)
		module_close(origins->programs[i].module);
	free(origins->programs);
	map_deinit(&origins->program_rows);
	kallsyms_close(origins->kallsyms);
	for (size_t i = 0; i < origins->perf_map_count; i++)
		perf_map_close(origins->perf_maps[i]);
	free(origins->perf_maps);
	map_deinit(&origins->perf_map_rows);
	arena_deinit(&origins->arena);
	free(origins);
}

enum origin {
	ORIGIN_FILE,
	ORIGIN_VDSO,
	ORIGIN_KERNEL,
	ORIGIN_JIT, // memory without a file
	ORIGIN_NONE,
};

static bool is_anonymous(struct str file)
{
	static const char *const prefixes[] = { "//anon",    "/anon_hugepage", "/memfd:",
						"/dev/zero", "[anon",          "[heap]",
						"[stack" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (str_starts_with(file, str_from(prefixes[i])))
			return true;
	return file.n == 0;
}

static enum origin origin_of(struct str file, uint64_t first_address)
{
	bool is_upper_half = first_address >> 63 != 0;

	if (str_equal(file, STR("[vdso]")) || str_starts_with(file, STR("linux-vdso")))
		return ORIGIN_VDSO;
	if (str_equal(file, STR("[vsyscall]")))
		return ORIGIN_NONE;
	if (str_starts_with(file, STR("[kernel")) ||
	    (is_upper_half && (file.n == 0 || file.p[0] == '[')))
		return ORIGIN_KERNEL;
	if (is_anonymous(file))
		return ORIGIN_JIT;
	return str_starts_with(file, STR("[")) || str_starts_with(file, STR("/dev/dri/"))
		       ? ORIGIN_NONE
		       : ORIGIN_FILE;
}

// All processes of a machine see the same vDSO, so this process's own will do.
static bool open_vdso(const struct symbolize_options *options, struct str build_id,
		      struct module **out, struct str *reason, struct arena *arena)
{
	uint64_t address = getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)address;
	struct module *module;
	struct error err;

	*reason = STR("no vDSO of this kernel at hand");
	if (header == NULL)
		return false;
	size_t size = header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
	struct memory_bytes memory = memory_from_bytes(address, header, size);

	if (!module_open_memory(&memory.memory, address, size, STR("[vdso]"), &module,
				&err)) {
		*reason = str_copy(arena, str_from(err.text));
		return false;
	}
	// Without a process on this machine only the build id can tell.
	if (build_id.n > 0 ? !str_equal(module_build_id(module), build_id)
			   : options->pid == 0) {
		module_close(module);
		*reason = STR("the vDSO of another kernel");
		return false;
	}
	*out = module;
	return true;
}

static struct program *program_of(struct symbolize_origins *origins,
				  const struct profile_mapping *mapping,
				  enum origin origin)
{
	uint64_t key = (uint64_t)mapping->file << 32 | mapping->build_id;
	uint32_t *row = map_put(&origins->program_rows, key);
	struct program *program;

	if (*row != MAP_NONE)
		return &origins->programs[*row];
	*row = (uint32_t)origins->program_count;
	origins->programs =
		table_reserve(origins->programs, &origins->program_capacity,
			      origins->program_count + 1, sizeof(*origins->programs));
	program = &origins->programs[origins->program_count++];
	*program = (struct program){ .reason = STR("") };
	struct program_file_query query = {
		.file = profile_string(origins->profile, mapping->file),
		.build_id = profile_string(origins->profile, mapping->build_id),
		.start = mapping->start,
		.limit = mapping->limit,
		.pid = origins->options->pid,
	};

	if (origin == ORIGIN_VDSO
		    ? open_vdso(origins->options, query.build_id, &program->module,
				&program->reason, &origins->arena)
		    : program_file_open(&query, &origins->options->modules,
					&origins->arena, &program->module,
					&program->reason))
		program->reason = module_describe(program->module, &origins->arena);
	return program;
}

// Passes frames on under the numbers of the caller's addresses.
struct renumbering {
	struct module_sink sink; // first: the callback casts back
	struct module_sink *target;
	const uint32_t *numbers;
};

static void renumber(struct module_sink *sink, size_t index,
		     const struct module_frame *frames, size_t count)
{
	struct renumbering *renumbering = (struct renumbering *)sink;

	renumbering->target->frames(renumbering->target, renumbering->numbers[index],
				    frames, count);
}

struct file_place {
	uint64_t address;
	uint32_t number;
};

static int compare_file_places(const void *left, const void *right)
{
	const struct file_place *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static void look_up_in_module(struct module *module,
			      const struct profile_mapping *mapping,
			      const uint64_t *addresses, size_t count,
			      struct module_sink *sink)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct file_place *places = arena_array(&scratch, count, sizeof(*places));
	uint64_t *file_addresses = arena_array(&scratch, count, sizeof(uint64_t));
	uint32_t *numbers = arena_array(&scratch, count, sizeof(uint32_t));
	struct renumbering renumbering = { { renumber }, sink, numbers };
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		if (module_address(module, addresses[i], mapping->start, mapping->limit,
				   mapping->offset, &places[found].address))
			places[found++].number = (uint32_t)i;
	qsort(places, found, sizeof(*places), compare_file_places);
	for (size_t i = 0; i < found; i++) {
		file_addresses[i] = places[i].address;
		numbers[i] = places[i].number;
	}
	module_symbolize(module, file_addresses, found, &renumbering.sink);
}

static void give_name(struct module_sink *sink, size_t index, struct str name)
{
	struct module_frame frame = { .symbol = name, .name = name, .file = STR("") };

	sink->frames(sink, index, &frame, name.n > 0);
}

// Why names of the kernel that runs would be wrong for the one that was recorded; ""
// where nothing speaks against them. The offset of its mapping is the address of _text.
static struct str object_to_kernel(struct symbolize_origins *origins,
				   const struct profile_mapping *mapping)
{
	struct str recorded = profile_string(origins->profile, mapping->build_id);
	struct str running = STR("");

	if (origins->options->kallsyms == NULL && recorded.n > 0)
		running = kernel_id_running(&origins->arena);
	if (running.n > 0 && !str_equal(running, recorded))
		return str_format(
			&origins->arena,
			"recorded on another kernel: its build id is %.*s, that "
			"of this one %.*s",
			(int)recorded.n, recorded.p, (int)running.n, running.p);
	if (mapping->offset != 0 &&
	    !kallsyms_begins_at(origins->kallsyms, mapping->offset))
		return STR("recorded before the last boot: the kernel has moved");
	return STR("");
}

static bool open_kallsyms(struct symbolize_origins *origins)
{
	const char *path = origins->options->kallsyms;
	struct error err;

	if (origins->kallsyms == NULL && origins->kallsyms_reason.n == 0 &&
	    !kallsyms_open(path == NULL ? "/proc/kallsyms" : path, &origins->kallsyms,
			   &err))
		origins->kallsyms_reason = str_copy(&origins->arena, str_from(err.text));
	return origins->kallsyms != NULL;
}

static struct str look_up_in_kernel(struct symbolize_origins *origins, uint32_t mapping,
				    const uint64_t *addresses, size_t count,
				    struct module_sink *sink)
{
	struct str objection = STR("");

	if (origins->options->no_kernel)
		return STR("kernel: not asked for");
	if (!open_kallsyms(origins))
		return origins->kallsyms_reason;
	if (mapping != PROFILE_NONE)
		objection =
			object_to_kernel(origins, &origins->profile->mappings[mapping]);
	if (objection.n > 0)
		return objection;
	for (size_t i = 0; i < count; i++)
		give_name(sink, i, kallsyms_find(origins->kallsyms, addresses[i]));
	return STR("kernel symbols");
}

static const struct symbolize_mapping *known(const struct symbolize_origins *origins,
					     uint32_t mapping)
{
	static const struct symbolize_mapping nothing = { .pid = 0 };

	return mapping < origins->options->mapping_count
		       ? &origins->options->mappings[mapping]
		       : &nothing;
}

static struct perf_map *perf_map_of(struct symbolize_origins *origins, uint32_t pid)
{
	uint32_t *row = map_put(&origins->perf_map_rows, pid);
	struct perf_map *map = NULL;
	struct error ignored;

	if (*row != MAP_NONE)
		return origins->perf_maps[*row];
	if (!perf_map_open(pid, &map, &ignored))
		map = NULL;
	*row = (uint32_t)origins->perf_map_count++;
	origins->perf_maps =
		table_reserve(origins->perf_maps, &origins->perf_map_capacity,
			      origins->perf_map_count, sizeof(struct perf_map *));
	origins->perf_maps[*row] = map;
	return map;
}

static struct str look_up_in_perf_map(struct symbolize_origins *origins, uint32_t mapping,
				      const uint64_t *addresses, size_t count,
				      struct module_sink *sink)
{
	uint32_t pid = known(origins, mapping)->pid;
	struct perf_map *map;

	if (pid == 0)
		pid = origins->options->pid;
	if (pid == 0)
		return STR("no file: made at run time");
	map = perf_map_of(origins, pid);
	if (map == NULL)
		return str_format(&origins->arena,
				  "no file: made at run time, and its compiler wrote no "
				  "/tmp/perf-%u.map (Node: --perf-basic-prof, Java: "
				  "-XX:+DumpPerfMapAtExit, Python: -X perf)",
				  pid);
	for (size_t i = 0; i < count; i++)
		give_name(sink, i, perf_map_find(map, addresses[i]));
	return STR("perf map");
}

static struct str look_up_in_program(struct symbolize_origins *origins, uint32_t row,
				     enum origin origin, const uint64_t *addresses,
				     size_t count, struct module_sink *sink)
{
	const struct profile_mapping *mapping = &origins->profile->mappings[row];
	const struct symbolize_mapping *as_recorded = known(origins, row);
	struct program *program;

	if (as_recorded->module != NULL) {
		look_up_in_module(as_recorded->module, mapping, addresses, count, sink);
		return module_describe(as_recorded->module, &origins->arena);
	}
	if (as_recorded->problem.n > 0)
		return as_recorded->problem;
	program = program_of(origins, mapping, origin);
	if (program->module != NULL)
		look_up_in_module(program->module, mapping, addresses, count, sink);
	return program->reason;
}

struct str symbolize_origins_look_up(struct symbolize_origins *origins, uint32_t mapping,
				     const uint64_t *addresses, size_t count,
				     struct module_sink *sink, struct arena *arena)
{
	const struct profile *profile = origins->profile;
	struct str file = STR(""), text = STR("has no symbols");

	if (mapping != PROFILE_NONE)
		file = profile_string(profile, profile->mappings[mapping].file);
	enum origin origin = origin_of(file, addresses[0]);

	switch (origin) {
	case ORIGIN_FILE:
	case ORIGIN_VDSO:
		text = look_up_in_program(origins, mapping, origin, addresses, count,
					  sink);
		break;
	case ORIGIN_KERNEL:
		text = look_up_in_kernel(origins, mapping, addresses, count, sink);
		break;
	case ORIGIN_JIT:
		text = look_up_in_perf_map(origins, mapping, addresses, count, sink);
		break;
	case ORIGIN_NONE:
		break;
	}
	return str_copy(arena, text);
}
