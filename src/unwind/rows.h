// Compact unwind rules: eight bytes for each interval of code that shares one rule.
// Follows RBP and the return address alone; what needs more is left to full.h.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwind/cfi.h"
#include "unwind/eh_frame.h"
#include "unwind/table.h"

enum row_kind {
	ROW_NONE,      // nothing describes this code
	ROW_SP,        // CFA = RSP + cfa
	ROW_FP,        // CFA = RBP + cfa
	ROW_PLT,       // CFA = RSP + cfa, and 8 more where (pc & 15) >= fp
	ROW_FP_DEREF,  // CFA = *(RBP + cfa); RBP saved at RBP + fp: realigned stacks
	ROW_OUTERMOST, // there is no caller
	ROW_SIGNAL,    // the kernel's ucontext is at RSP
	ROW_FULL,      // the whole state of the FDE is needed
	ROW_INVALID,   // instructions that could not be understood
	// Go's ways from one stack to another. cfa and fp as of ROW_SP.
	ROW_GO_SWITCH,   // CFA = RBP + 16, wherever that is
	ROW_GO_CGO,      // asmcgocall without a frame: left a note at RSP
	ROW_GO_SYSTEM,   // systemstack without a frame: RBP is its caller's
	ROW_GO_CALLBACK, // like ROW_SP, but the caller's pc is exact
};

// fp of the kinds ROW_SP and ROW_FP.
enum { ROW_FP_SAME = 0, ROW_FP_LOST = 1 };

// The return address is at CFA - 8. cfa and fp count words of 8 bytes; RBP is saved at
// CFA + fp where fp is negative.
struct unwind_row {
	uint32_t pc; // from unwind_table.base
	int16_t cfa;
	int8_t fp;
	uint8_t kind; // enum row_kind
};

// RANGE_ENTRY is the entry point of a file whose tables do not mention it.
enum range_origin { RANGE_EH_FRAME, RANGE_DEBUG_FRAME, RANGE_GO, RANGE_ENTRY };

// A function; `source` is the offset of its FDE or its index in the pclntab.
struct unwind_range {
	uint32_t start, limit;
	uint32_t source : 30, origin : 2;
};

struct memory;

// Rows sorted by pc, with index[page] the first row at or behind the start of that page,
// a page being 2^page_shift bytes of code.
struct unwind_table {
	uint64_t base, span;
	unsigned page_shift;
	struct unwind_row *rows;
	uint32_t *index;
	size_t row_count, row_capacity;
	struct unwind_range *ranges;
	size_t range_count, range_capacity;
	struct eh_section sections[2]; // by origin
	size_t damaged;
	size_t size;               // bytes of this block, the index included
	const struct memory *code; // by the file's own addresses: some steps of Go's
				   // look at it; NULL where there are none; borrowed
};

// The row that holds at an address of the file. Async-signal-safe.
static inline struct unwind_row row_find(const struct unwind_table *table,
					 uint64_t address)
{
	uint64_t offset = address - table->base;

	if (offset >= table->span)
		return (struct unwind_row){ .kind = ROW_NONE };

	const uint32_t *page = &table->index[offset >> table->page_shift];
	const struct unwind_row *low = &table->rows[page[0]];
	size_t count = page[1] - page[0];

	// The last row whose pc is not behind offset is low[-1] or in [low, low + count).
	while (count > 0) {
		size_t half = (count + 1) / 2;

		if (low[half - 1].pc <= offset) {
			low += half;
			count -= half;
		} else {
			count = half - 1;
		}
	}
	return low[-1];
}

// The function at an address of the file, NULL where none is known. Async-signal-safe.
const struct unwind_range *row_find_range(const struct unwind_table *table,
					  uint64_t address);

// The compact form of one state of an FDE.
struct unwind_row row_from_state(const struct eh_section *section,
				 const struct eh_cie *cie, const struct cfi_state *state);
