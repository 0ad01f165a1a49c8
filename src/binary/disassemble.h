// Machine code to instructions in words (x86-64).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct error;
struct module;

enum disassemble_syntax { DISASSEMBLE_ATT, DISASSEMBLE_INTEL };

struct instruction {
	uint64_t address; // the file's own
	uint32_t size;
	struct str text; // "callq 0x401136 <main>"; ".byte 0x06" for what is no code
};

struct disassembly {
	struct instruction *instructions; // by address, without gaps
	size_t count;
};

// The instructions of [start, limit). Calls and jumps that leave it name where they go.
// Refuses what is not in the file, more than 16 MB, and other machines.
bool disassemble(struct module *module, uint64_t start, uint64_t limit,
		 enum disassemble_syntax syntax, struct arena *arena,
		 struct disassembly *out, struct error *err)
	__attribute__((warn_unused_result));
