// Builds the flat blocks of many units, on as many threads as it pays.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dwarf;
struct symbol_unit;

// Names that blocks refer to, shifted by what was there before.
struct symbol_pool {
	char *bytes;
	size_t used, capacity;
};

// Builds the `count` units listed and stores their blocks, malloc'ed, at
// blocks[units[i]]. Their strings are appended to the pool; offsets in the blocks are
// into the pool, plus `shift`. threads 0: one per processor.
void symbol_build(const struct dwarf *dwarf, const uint32_t *units, size_t count,
		  unsigned threads, struct symbol_unit **blocks, struct symbol_pool *pool,
		  uint32_t shift);
