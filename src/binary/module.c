// Ties the parts of a program file together: symbols, debug information, Go's tables.
#include "binary/module.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/memory.h"
#include "binary/build_id.h"
#include "binary/debug_file.h"
#include "binary/demangle_cache.h"
#include "binary/elf.h"
#include "binary/elf_symbols.h"
#include "binary/index_cache.h"
#include "binary/pclntab.h"
#include "binary/symbol_index.h"

enum { PAGE_MASK = 4095 };

struct module {
	struct arena arena;
	struct elf *elf;
	struct str path, build_id, root, cache_folder;
	bool no_debug_files, no_cache;
	struct debug_server *server;

	// Names and lines are read when first asked for: most modules of a process are
	// never sampled.
	bool is_loaded;
	struct debug_file debug, alt; // split off from the file, and what they share
	struct elf_symbols *symbols;
	struct symbol_index *index; // NULL: no DWARF
	struct pclntab *go;         // NULL: not a Go program
	struct pclntab_cursor go_cursor;
	struct demangle_cache names;
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
	module->no_cache = true;
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
	(*out)->cache_folder = str_copy(&(*out)->arena, options->cache_folder);
	(*out)->no_debug_files = options->no_debug_files;
	(*out)->server = options->server;
	(*out)->no_cache = options->no_cache;
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
	demangle_cache_deinit(&module->names);
	symbol_index_close(module->index);
	pclntab_close(module->go);
	elf_symbols_destroy(module->symbols);
	elf_close(module->alt.elf);
	elf_close(module->debug.elf);
	elf_close(module->elf);
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

static void load_dwarf(struct module *module)
{
	struct elf *elf = module->debug.elf != NULL ? module->debug.elf : module->elf;
	struct str path = module->debug.elf != NULL ? module->debug.path : module->path;

	if (!has_dwarf(elf))
		return;
	if (!module->no_debug_files)
		module->alt = debug_file_find_alt(elf, path, module->root, module->server,
						  &module->arena);
	struct symbol_index_options options = {
		.elf = elf,
		.alt = module->alt.elf,
		.build_id = module->elf->build_id,
	};

	if (!module->no_cache && options.build_id.n > 0)
		options.cache_path = index_cache_path(
			&module->arena, module->cache_folder, options.build_id);
	module->index = symbol_index_open(&options);
}

static void load(struct module *module)
{
	struct elf *names = module->elf;

	if (module->is_loaded)
		return;
	module->is_loaded = true;
	module->go = pclntab_open(module->elf);
	if (!module->no_debug_files && !has_dwarf(module->elf) && module->go == NULL)
		module->debug = debug_file_find(module->elf, module->path, module->root,
						module->server, &module->arena);
	if (module->debug.elf != NULL && elf_find_section(names, ".symtab") == NULL)
		names = module->debug.elf;
	module->symbols = elf_symbols_create(module->elf, names);
	load_dwarf(module);
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
	return module->go != NULL ? STR("stripped") : STR("stripped: no symbol table");
}

// What gives lines, or what would.
static struct str lines_text(const struct module *module, struct arena *arena)
{
	if (module->debug.elf != NULL && module->index != NULL)
		return str_format(arena, "DWARF from %.*s", (int)module->debug.path.n,
				  module->debug.path.p);
	if (module->index != NULL)
		return STR("DWARF");
	if (module->go != NULL)
		return STR("");
	if (module->debug.hint.n > 0)
		return str_format(arena, "no lines: %.*s", (int)module->debug.hint.n,
				  module->debug.hint.p);
	if (module->no_debug_files)
		return STR("no lines");
	return STR("no lines: built without -g, or its debug package is not installed");
}

struct str module_describe(struct module *module, struct arena *arena)
{
	load(module);
	struct str parts[] = {
		module->go != NULL ? STR("Go function table") : STR(""),
		symbols_text(module),
		lines_text(module, arena),
	};
	struct str text = STR("");

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].n > 0)
			text = str_format(arena, "%.*s%s%.*s", (int)text.n, text.p,
					  text.n > 0 ? ", " : "", (int)parts[i].n,
					  parts[i].p);
	return text;
}

// Mappings, and so the addresses asked for, start at whole pages.
static bool is_in_segment(const struct elf *elf, uint64_t address)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];

		uint64_t skipped = segment->p_vaddr & PAGE_MASK;

		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr - skipped &&
		    address - (segment->p_vaddr - skipped) < segment->p_memsz + skipped)
			return true;
	}
	return false;
}

// Whether the file was split off another and holds debug information only.
static bool is_without_code(const struct elf *elf)
{
	const struct elf_section *text = elf_find_section(elf, ".text");

	return text != NULL && text->type == SHT_NOBITS;
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
	uint64_t offset = address - map_start + file_offset;

	if (elf_address_of_offset(module->elf, offset, out))
		return true;
	// A debug file alone has lost its offsets. Of code they equal the addresses in
	// all that GNU's linker made.
	*out = offset;
	return is_without_code(module->elf) && is_in_segment(module->elf, offset);
}

enum { FRAMES_MAX = 64 }; // inlined calls at one address; compilers stay below 50

static size_t frames_from_symbols(struct module *module, uint64_t address,
				  struct module_frame *frames)
{
	struct elf_symbol symbol;

	if (!elf_symbols_find(module->symbols, address, &symbol))
		return 0;
	frames[0] = (struct module_frame){
		.symbol = symbol.name,
		.name = demangle_cache_name(&module->names, symbol.name),
		.file = STR(""),
	};
	return 1;
}

static size_t frames_from_go(struct module *module, uint64_t address,
			     struct module_frame *frames)
{
	struct pclntab_frame go[FRAMES_MAX];
	size_t count = 0;

	if (module->go != NULL)
		count = pclntab_frames(module->go, &module->go_cursor, address, go,
				       FRAMES_MAX);
	for (size_t i = 0; i < count; i++)
		frames[i] = (struct module_frame){
			.symbol = go[i].name,
			.name = go[i].name,
			.file = go[i].file,
			.line = go[i].line,
			.start_line = go[i].start_line,
		};
	return count;
}

static size_t leading_underscores(struct str name)
{
	size_t n = 0;

	while (n < name.n && name.p[n] == '_')
		n++;
	return n;
}

static bool is_mangled(struct str name)
{
	return str_starts_with(name, STR("_Z")) || str_starts_with(name, STR("_R"));
}

// The function that was not inlined has a symbol too. It is the only name where DWARF
// knows lines alone (assembly), the fuller one where a class is missing from what is
// recorded, and the plainer one for what a library calls itself: "malloc", not
// "__libc_malloc".
static struct str outermost_symbol(const struct module *module, uint64_t address,
				   struct str recorded)
{
	struct elf_symbol symbol;

	if (!elf_symbols_find(module->symbols, address, &symbol))
		return recorded;
	if (recorded.n == 0 || (is_mangled(symbol.name) && !is_mangled(recorded)))
		return symbol.name;
	return leading_underscores(symbol.name) < leading_underscores(recorded)
		       ? symbol.name
		       : recorded;
}

static size_t frames_from_dwarf(struct module *module, uint64_t address,
				struct module_frame *frames)
{
	struct symbol_index_frame found[FRAMES_MAX];
	size_t count = 0;

	if (module->index != NULL)
		count = symbol_index_frames(module->index,
					    symbol_index_find(module->index, address),
					    found, FRAMES_MAX);
	for (size_t i = 0; i < count; i++) {
		struct str symbol = found[i].name;

		if (i + 1 == count)
			symbol = outermost_symbol(module, address, symbol);
		frames[i] = (struct module_frame){
			.symbol = symbol,
			.name = demangle_cache_recorded(&module->names, symbol),
			.file = found[i].file,
			.line = found[i].line,
			.column = found[i].column,
			.start_line = found[i].start_line,
		};
	}
	return count > 0 && frames[count - 1].symbol.n > 0 ? count : 0;
}

// DWARF is read for the addresses that Go's own table does not cover: those of C code.
static void prepare_dwarf(struct module *module, const uint64_t *addresses, size_t count)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct pclntab_function ignored;
	uint64_t *rest;
	size_t rest_count = 0;

	if (module->index == NULL)
		return;
	if (module->go == NULL) {
		symbol_index_prepare(module->index, addresses, count);
		return;
	}
	rest = arena_array(&scratch, count, sizeof(*rest));
	for (size_t i = 0; i < count; i++)
		if (!pclntab_find(module->go, addresses[i], &ignored))
			rest[rest_count++] = addresses[i];
	if (rest_count > 0)
		symbol_index_prepare(module->index, rest, rest_count);
}

void module_symbolize(struct module *module, const uint64_t *addresses, size_t count,
		      struct module_sink *sink)
{
	load(module);
	prepare_dwarf(module, addresses, count);
	for (size_t i = 0; i < count; i++) {
		struct module_frame frames[FRAMES_MAX];
		size_t found = frames_from_go(module, addresses[i], frames);

		if (found == 0)
			found = frames_from_dwarf(module, addresses[i], frames);
		if (found == 0)
			found = frames_from_symbols(module, addresses[i], frames);
		sink->frames(sink, i, frames, found);
	}
}

// Go's names are not mangled, however much "f[go.shape.func(int)]" looks like C++.
static struct str function_name(struct module *module, const struct elf_symbol *symbol)
{
	struct pclntab_function go;

	if (module->go != NULL && pclntab_find(module->go, symbol->address, &go))
		return symbol->name;
	return demangle_cache_name(&module->names, symbol->name);
}

bool module_find_function(struct module *module, uint64_t address,
			  struct module_function *out)
{
	struct pclntab_function go;
	struct elf_symbol symbol;

	load(module);
	if (elf_symbols_find(module->symbols, address, &symbol) && symbol.size > 0) {
		*out = (struct module_function){
			.symbol = symbol.name,
			.name = function_name(module, &symbol),
			.start = symbol.address,
			.limit = symbol.address + symbol.size,
		};
		return out->limit > address;
	}
	if (module->go == NULL || !pclntab_find(module->go, address, &go))
		return false;
	*out = (struct module_function){ go.name, go.name, go.start, go.limit };
	return true;
}

bool module_is_go(struct module *module)
{
	load(module);
	return module->go != NULL;
}

bool module_has_lines(struct module *module)
{
	load(module);
	return module->index != NULL || module->go != NULL;
}

bool module_has_inlines(struct module *module)
{
	return module_has_lines(module);
}
