// What a walk went by: the words of the stack that it read and used. Where they are
// still the same, a walk from the same registers comes out the same.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unwind_registers;

enum { TRAIL_WORDS_MAX = 128 };

struct trail_word {
	uint64_t at, value;
};

// Zero-initialised is a trail that does not hold. Only of words that can be read as they
// are: inside [start, limit).
struct unwind_trail {
	uint64_t pc, sp, fp; // of the registers that the walk began with
	uint64_t start, limit;
	size_t count;
	bool needs_fp; // fp was used, and not read from the stack before
	bool is_whole; // there was nothing else that the walk went by
	struct trail_word words[TRAIL_WORDS_MAX];
};

void trail_begin(struct unwind_trail *trail, const struct unwind_registers *registers,
		 uint64_t start, uint64_t limit);

// Notes a word that was used. Only of a trail that has begun.
static inline void trail_add(struct unwind_trail *trail, uint64_t at, uint64_t value)
{
	if (trail->count == TRAIL_WORDS_MAX || at < trail->start || at >= trail->limit) {
		trail->is_whole = false;
		return;
	}
	trail->words[trail->count++] = (struct trail_word){ at, value };
}

// Whether a walk from these registers would come out as the one before, the mappings
// being as they were. [start, limit) is what can be read as it is now.
bool trail_holds(const struct unwind_trail *trail,
		 const struct unwind_registers *registers, uint64_t start,
		 uint64_t limit);
