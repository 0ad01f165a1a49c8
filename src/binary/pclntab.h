// Go's pclntab: function names, files, lines, inlined calls and stack deltas of every Go
// binary since 1.2, stripped ones included. Sources: Go's src/debug/gosym/pclntab.go,
// src/internal/abi/symtab.go, src/runtime/symtab.go, versions 1.2 to 1.27.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"
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
	uint64_t address; // whose file and line these are: that of a call but for the
			  // first
	uint8_t func_id;  // as in struct pclntab_function
};

// A run of addresses with equal values in one table of one function.
struct pclntab_run {
	struct reader r; // at the next run
	uint64_t start, limit;
	uint32_t value;
	uint8_t quantum;
};

// Where looking up frames stopped, so that the next address goes on from there: the
// tables can only be read from a function's start. Zero-initialised is valid; of one
// pclntab.
enum { PCLNTAB_CURSOR_DEPTHS = 8, PCLNTAB_CURSOR_TABLES = 3 };
struct pclntab_cursor {
	struct pclntab_function function;
	struct pclntab_run runs[PCLNTAB_CURSOR_DEPTHS][PCLNTAB_CURSOR_TABLES];
};

// The frames at an address, innermost inlined first, at most max; returns how many. Many
// addresses in ascending order take one pass over their function's tables.
size_t pclntab_frames(const struct pclntab *table, struct pclntab_cursor *cursor,
		      uint64_t address, struct pclntab_frame *frames, size_t max);

// Calls visit for each run [start, limit) of equal stack delta (pcsp) of one function;
// CFA = sp + delta + 8 there on amd64. Stops when visit returns false.
void pclntab_visit_pcsp(const struct pclntab *table,
			const struct pclntab_function *function,
			bool (*visit)(void *context, uint64_t start, uint64_t limit,
				      int32_t delta),
			void *context);

// The stack delta at one address of the function, -1 where there is none.
int32_t pclntab_pcsp(const struct pclntab *table, const struct pclntab_function *function,
		     uint64_t address);

// Indexes of the tables below; abi.PCDATA_* and abi.FUNCDATA_*.
enum {
	PCLNTAB_PCDATA_UNSAFE_POINT = 0,
	PCLNTAB_PCDATA_STACK_MAP = 1,
	PCLNTAB_PCDATA_INLINE_TREE = 2,
	PCLNTAB_PCDATA_ARGUMENT_LIVE = 3,
	PCLNTAB_FUNCDATA_INLINE_TREE = 3,
	PCLNTAB_FUNCDATA_ARGUMENTS = 5,
	PCLNTAB_FUNCDATA_ARGUMENT_LIVE = 6,
};

// The value of one of a function's pcdata tables at an address, -1 where there is none.
int32_t pclntab_pcdata(const struct pclntab *table,
		       const struct pclntab_function *function, unsigned index,
		       uint64_t address);

// The bytes from one of a function's funcdata objects to the end of what the file has
// there; such objects do not tell their size. Empty where there is none. Since 1.18.
struct str pclntab_funcdata(const struct pclntab *table,
			    const struct pclntab_function *function, unsigned index);
