// Source lines with the instructions made from them, and what both weigh.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct error;
struct report;

// A sample counts once, however often its stack goes through a place. Means where there
// are divisors.
struct annotation_value {
	int64_t flat, cum, flat_divisor, cum_divisor;
	uint32_t flat_stamp, cum_stamp; // the stack that was counted last
};

struct annotation_frame {
	struct str name, symbol, file; // "" unknown
	int64_t line;                  // 0 unknown
};

// An instruction, or an address whose code is not at hand.
struct annotation_code {
	uint64_t address; // the file's own
	uint32_t size;
	struct str text;                 // "": no code at hand
	struct annotation_frame *frames; // innermost inlined first
	size_t frame_count;
	struct annotation_value value;
};

// An instruction below a line that it was made for.
struct annotation_entry {
	uint32_t code;
	uint32_t depth; // frames[0] up to frames[depth] are inlined there
};

// A source line with instructions: entries[from] up to entries[to].
struct annotation_row {
	struct str file, function;
	int64_t line; // 0 unknown
	size_t from, to;
	struct annotation_value value;
};

// Lines [first, limit) of a file that belong to one function: rows[from] up to rows[to].
struct annotation_routine {
	struct str name, file;
	int64_t first, limit;
	size_t from, to;
	struct annotation_value value;
};

// Owned by its user; borrows the report.
struct annotation {
	struct annotation_code *codes;
	size_t code_count;
	struct annotation_entry *entries;
	size_t entry_count;
	struct annotation_row *rows;
	size_t row_count;
	struct annotation_routine *routines; // by file and line
	size_t routine_count;
	bool is_cut; // of very many functions only the heaviest were disassembled
	struct mapped_code *programs; // what strings point into
	struct arena arena;
};

// Of what options.symbol is about; nothing found is an error.
bool annotation_init(struct annotation *annotation, const struct report *report,
		     struct error *err) __attribute__((warn_unused_result));
void annotation_deinit(struct annotation *annotation);
