// Ties the parts of a program file together: symbols, debug information, Go's tables.
#include "binary/module.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "binary/build_id.h"
#include "binary/debug_file.h"
#include "binary/demangle.h"
#include "binary/elf.h"
#include "binary/elf_symbols.h"

enum { PAGE_MASK = 4095 };

struct module {
	struct arena arena;
	struct elf *elf;
	struct str path, build_id, root;
	bool no_debug_files;

	// Names and lines are read when first asked for: most modules of a process are
	// never sampled.
	bool is_loaded;
	struct debug_file debug;
	struct elf_symbols *symbols;

	struct interner mangled; // symbols demangled so far ...
	struct str *names;       // ... and their short forms, by id
	size_t name_capacity;
};

static struct module *module_create(struct elf *elf, struct str path)
{
	struct module *module = calloc(1, sizeof(*module));

	if (module == NULL)
		arena_out_of_memory(sizeof(*module));
	module->elf = elf;
	module->path = str_copy(&module->arena, path);
	module->build_id = build_id_text(&module->arena, elf->build_id);
	module->no_debug_files = true;
	return module;
}

bool module_open(struct str path, const struct module_options *options,
		 struct module **out, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str host = str_format(&scratch, "%.*s%.*s", (int)options->root.n,
				     options->root.p, (int)path.n, path.p);
	struct elf *elf;

	if (!elf_open(host.p, &elf, err))
		return false;
	*out = module_create(elf, path);
	(*out)->root = str_copy(&(*out)->arena, options->root);
	(*out)->no_debug_files = options->no_debug_files;
	return true;
}

bool module_open_memory(const struct memory *memory, uint64_t address, size_t size,
			struct str name, struct module **out, struct error *err)
{
	enum { SIZE_MAX_BYTES = 64 << 20 }; // a vDSO has two pages
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct elf *elf;

	if (size > SIZE_MAX_BYTES)
		return error_set(
			err, ERROR_LIMIT,
			"%.*s: %zu bytes are too many to be an ELF file in memory",
			(int)name.n, name.p, size);
	uint8_t *bytes = malloc(size + 1);

	if (bytes == NULL)
		arena_out_of_memory(size);
	if (!memory_read(memory, address, bytes, size)) {
		free(bytes);
		return error_set(err, ERROR_NOT_FOUND, "%.*s: cannot be read from memory",
				 (int)name.n, name.p);
	}
	struct file_view view = { bytes, size, false };

	if (!elf_from_view_take(view, str_terminated(&scratch, name), &elf, err))
		return false;
	*out = module_create(elf, name);
	return true;
}

void module_close(struct module *module)
{
	if (module == NULL)
		return;
	elf_symbols_destroy(module->symbols);
	elf_close(module->debug.elf);
	elf_close(module->elf);
	interner_deinit(&module->mangled);
	free(module->names);
	arena_deinit(&module->arena);
	free(module);
}

const struct elf *module_elf(const struct module *module)
{
	return module->elf;
}

struct str module_path(const struct module *module)
{
	return module->path;
}

struct str module_build_id(const struct module *module)
{
	return module->build_id;
}

static bool has_dwarf(const struct elf *elf)
{
	return elf_find_section(elf, ".debug_info") != NULL ||
	       elf_find_section(elf, ".zdebug_info") != NULL;
}

static void load(struct module *module)
{
	struct elf *names = module->elf;

	if (module->is_loaded)
		return;
	module->is_loaded = true;
	if (!module->no_debug_files && !has_dwarf(module->elf))
		module->debug = debug_file_find(module->elf, module->path, module->root,
						&module->arena);
	if (module->debug.elf != NULL && elf_find_section(names, ".symtab") == NULL)
		names = module->debug.elf;
	module->symbols = elf_symbols_create(module->elf, names);
}

static struct str symbols_text(const struct module *module)
{
	switch (elf_symbols_origin(module->symbols)) {
	case ELF_SYMBOLS_FULL:
		return STR("symbols");
	case ELF_SYMBOLS_DYNAMIC:
		return STR("exported symbols only");
	case ELF_SYMBOLS_NONE:
		break;
	}
	return STR("stripped: no symbol table");
}

struct str module_describe(struct module *module, struct arena *arena)
{
	load(module);
	struct str symbols = symbols_text(module);

	if (module->debug.elf != NULL)
		return str_format(arena, "%.*s, DWARF from %.*s", (int)symbols.n,
				  symbols.p, (int)module->debug.path.n,
				  module->debug.path.p);
	if (has_dwarf(module->elf))
		return str_format(arena, "%.*s, DWARF", (int)symbols.n, symbols.p);
	if (module->debug.hint.n > 0)
		return str_format(arena, "%.*s, no lines: %.*s", (int)symbols.n,
				  symbols.p, (int)module->debug.hint.n,
				  module->debug.hint.p);
	return str_format(arena, "%.*s, no lines", (int)symbols.n, symbols.p);
}

// Mappings, and so the addresses asked for, start at whole pages.
static bool is_in_segment(const struct elf *elf, uint64_t address)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];

		uint64_t skipped = segment->p_vaddr & PAGE_MASK;

		if (segment->p_type == PT_LOAD &&
		    address >= segment->p_vaddr - skipped &&
		    address - (segment->p_vaddr - skipped) < segment->p_memsz + skipped)
			return true;
	}
	return false;
}

bool module_address(const struct module *module, uint64_t address, uint64_t map_start,
		    uint64_t map_limit, uint64_t file_offset, uint64_t *out)
{
	// Programs at a fixed address need no arithmetic, and profiles whose mappings are
	// made up (0 to 0) allow none.
	if ((module->elf->type == ET_EXEC || map_limit == 0) &&
	    is_in_segment(module->elf, address)) {
		*out = address;
		return true;
	}
	if (address < map_start || address >= map_limit)
		return false;
	return elf_address_of_offset(module->elf, address - map_start + file_offset, out);
}

static struct str short_name(struct module *module, struct str symbol)
{
	size_t known = module->mangled.count;
	uint32_t id = interner_add(&module->mangled, NULL, symbol);

	if (id == known) {
		module->names = table_reserve(module->names, &module->name_capacity,
					      known + 1, sizeof(*module->names));
		module->names[id] = demangle(&module->arena, symbol, DEMANGLE_SHORT);
	}
	return module->names[id];
}

static size_t frames_from_symbols(struct module *module, uint64_t address,
				  struct module_frame *frame)
{
	struct elf_symbol symbol;

	if (!elf_symbols_find(module->symbols, address, &symbol))
		return 0;
	*frame = (struct module_frame){
		.symbol = symbol.name,
		.name = short_name(module, symbol.name),
		.file = STR(""),
	};
	return 1;
}

void module_symbolize(struct module *module, const uint64_t *addresses, size_t count,
		      struct module_sink *sink)
{
	load(module);
	for (size_t i = 0; i < count; i++) {
		struct module_frame frame;
		size_t found = frames_from_symbols(module, addresses[i], &frame);

		sink->frames(sink, i, &frame, found);
	}
}

bool module_has_lines(struct module *module)
{
	load(module);
	return false;
}

bool module_has_inlines(struct module *module)
{
	load(module);
	return false;
}
