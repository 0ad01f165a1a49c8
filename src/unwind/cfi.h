// Call frame instructions: runs the program of an FDE and yields, interval by interval,
// the rules that recover the caller's registers. Source: DWARF 5, section 6.4.2.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"
#include "unwind/eh_frame.h"

enum cfi_rule_kind {
	CFI_SAME,             // still in the register
	CFI_UNDEFINED,        // lost; for the return address: there is no caller
	CFI_OFFSET,           // saved at CFA + value
	CFI_VALUE_OFFSET,     // is CFA + value
	CFI_REGISTER,         // in register number value
	CFI_EXPRESSION,       // saved at the address that an expression computes
	CFI_VALUE_EXPRESSION, // is what an expression computes
};

// Of expressions value is the section offset of the block, its length included.
struct cfi_rule {
	uint8_t kind;
	int32_t value;
};

enum { CFI_REGISTERS = 17, CFI_DEPTH = 12 };

// The CFA is register `cfa_register` + cfa_offset, or the value of the expression block
// at cfa_expression (0: none; a section never begins with one).
struct cfi_state {
	uint32_t cfa_register, cfa_expression;
	int64_t cfa_offset;
	struct cfi_rule rules[CFI_REGISTERS];
};

// Rules that hold in [start, limit).
struct cfi_machine {
	struct cfi_state state;
	uint64_t start, limit;

	// Private.
	const struct eh_section *section;
	const struct eh_cie *cie;
	struct reader r;
	uint64_t end;
	struct cfi_state initial;
	struct cfi_state stack[CFI_DEPTH];
	unsigned depth;
	bool failed;
};

// The state at the start of every function of a CIE; kept by the caller so that it is
// computed once for many FDEs.
bool cfi_initial(const struct eh_section *section, const struct eh_cie *cie,
		 struct cfi_state *out);

void cfi_start(struct cfi_machine *machine, const struct eh_section *section,
	       const struct eh_fde *fde, const struct cfi_state *initial);

// Moves to the next interval; false at the end of the function. The machine says `failed`
// when an instruction could not be understood: the intervals before it are good.
bool cfi_next(struct cfi_machine *machine);
