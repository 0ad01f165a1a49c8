// Go's pclntab: function names, files, lines, inlined calls and stack deltas of every Go
// binary since 1.2, stripped ones included. Sources: Go's src/debug/gosym/pclntab.go,
// src/internal/abi/symtab.go, src/runtime/symtab.go, versions 1.2 to 1.27.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct elf;
struct pclntab;

// Finds and checks the table: by section (.gopclntab, .data.rel.ro.gopclntab), by symbol
// runtime.pclntab, else by its magic in read-only data. NULL when the file is not Go.
// Borrows the elf.
struct pclntab *pclntab_open(struct elf *elf);
void pclntab_close(struct pclntab *table);

// One function; address range in the file's own terms.
struct pclntab_function {
	uint64_t start, limit;
	uint64_t record; // offset of its _func, for the calls below
	struct str name;
	uint8_t func_id; // abi.FuncID, 0 before Go 1.12
	uint8_t flag;    // abi.FuncFlag, 0 before Go 1.17
	uint32_t start_line;
};

size_t pclntab_function_count(const struct pclntab *table);
bool pclntab_function_at(const struct pclntab *table, size_t index,
			 struct pclntab_function *out);
bool pclntab_find(const struct pclntab *table, uint64_t address,
		  struct pclntab_function *out);

struct pclntab_frame {
	struct str name, file;
	uint32_t line, start_line;
};

// The frames at an address, innermost inlined first, at most max; returns how many.
size_t pclntab_frames(const struct pclntab *table, uint64_t address,
		      struct pclntab_frame *frames, size_t max);

// Calls visit for each run [start, limit) of equal stack delta (pcsp) of one function;
// CFA = sp + delta + 8 there on amd64. Stops when visit returns false.
void pclntab_visit_pcsp(const struct pclntab *table,
			const struct pclntab_function *function,
			bool (*visit)(void *context, uint64_t start, uint64_t limit,
				      int32_t delta),
			void *context);
