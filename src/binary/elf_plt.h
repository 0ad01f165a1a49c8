// The stubs of the procedure linkage table, named after what they jump to (x86-64).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct elf;
struct elf_symbols;

struct elf_plt_stub {
	uint64_t address;
	uint32_t size;
	struct str name; // "memcpy@plt"
};

struct elf_plt {
	struct elf_plt_stub *stubs;
	uint32_t count;
};

// Reads .plt, .plt.sec (indirect branch tracking) and .plt.got. `symbols` names the
// targets of local indirect functions, which the table itself leaves nameless.
const struct elf_plt *elf_plt_read(struct elf *elf, const struct elf_symbols *symbols,
				   struct arena *arena);
