// A mapped program file: its names, lines, inlined calls and unwind tables. Opened once,
// shared by everything that meets the same file.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct error;
struct module;
struct elf;
struct memory;
struct debug_server;

// Where to look for files and for debug information. Zero-initialised: this machine.
struct module_options {
	struct str root; // prefix of every path, such as "/proc/123/root"; "" is none
	struct str cache_folder;     // of symbol indexes; "" is the user's, see module.c
	bool no_cache;               // neither read nor write symbol indexes on disk
	bool no_debug_files;         // do not look for split debug files
	struct debug_server *server; // to fetch files from, NULL: none; outlives modules
};

// Opens an ELF file. `path` is as the target sees it. Refuses what is not ELF; a file
// without symbols is no failure.
bool module_open(struct str path, const struct module_options *options,
		 struct module **out, struct error *err)
	__attribute__((warn_unused_result));

// Same for a module that exists in memory only (the vDSO): size bytes from `address`.
bool module_open_memory(const struct memory *memory, uint64_t address, size_t size,
			struct str name, struct module **out, struct error *err)
	__attribute__((warn_unused_result));

void module_close(struct module *module);

// The file itself, for readers of its sections.
const struct elf *module_elf(const struct module *module);

struct str module_path(const struct module *module);

// The GNU build id in lower-case hexadecimal, "" where the file has none. Go linkers
// write one since Go 1.24; Go's own build id is no substitute, as Go's profiles do not
// carry it.
struct str module_build_id(const struct module *module);

// Where names and lines came from or why there are none, for `doctor` and the module
// table: "symbols, DWARF from /usr/lib/debug/...", "stripped: no symbol table".
struct str module_describe(struct module *module, struct arena *arena);

// The file's own virtual address of a mapped address: the mapping shows the file from
// file_offset on at map_start (see mmap(2)). False when no segment covers it.
bool module_address(const struct module *module, uint64_t address, uint64_t map_start,
		    uint64_t map_limit, uint64_t file_offset, uint64_t *out);

// One function at one place. Strings live as long as the module.
struct module_frame {
	struct str symbol; // as in the file, mangled
	struct str name;   // demangled, short form: no parameters, no template arguments
	struct str file;   // full path as recorded by the compiler, "" unknown
	uint32_t line;     // 0 unknown
	uint32_t column;   // 0 unknown
	uint32_t start_line; // of the function, 0 unknown
};

// Receives the frames of addresses[index], innermost inlined first; count 0: no name.
struct module_sink {
	void (*frames)(struct module_sink *sink, size_t index,
		       const struct module_frame *frames, size_t count);
};

// Finds names and lines of many of the file's own virtual addresses at once; they must be
// sorted ascending. Addresses are looked up as they are: the caller has already moved
// return addresses into the call.
void module_symbolize(struct module *module, const uint64_t *addresses, size_t count,
		      struct module_sink *sink);

// A function by its extent: [start, limit) in the file's own addresses.
struct module_function {
	struct str symbol, name; // as in struct module_frame
	uint64_t start, limit;
};

// The function that covers the address, from the symbol table or pclntab.
bool module_find_function(struct module *module, uint64_t address,
			  struct module_function *out);

// Whether it has Go's own function table.
bool module_is_go(struct module *module);

// Whether any debug line information or pclntab was found; decides what a profile's
// mapping says of itself.
bool module_has_lines(struct module *module);
bool module_has_inlines(struct module *module);
