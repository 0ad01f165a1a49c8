// Compares words.
#include "unwind/trail.h"

#include "unwind/unwind.h"

void trail_begin(struct unwind_trail *trail, const struct unwind_registers *registers,
		 uint64_t start, uint64_t limit)
{
	trail->pc = registers->value[UNWIND_RIP];
	trail->sp = registers->value[UNWIND_RSP];
	trail->fp = registers->value[UNWIND_RBP];
	trail->start = start;
	trail->limit = limit;
	trail->count = 0;
	trail->needs_fp = false;
	trail->is_whole = true;
}

// Most frames go by one word, so four at a time are most of a stack's.
static bool is_unchanged(const struct unwind_trail *trail)
{
	const struct trail_word *word = trail->words;
	const struct trail_word *end = word + trail->count;
	uint64_t differences = 0;

	for (; end - word >= 4; word += 4) {
		for (int i = 0; i < 4; i++)
			differences |=
				*(const uint64_t *)(uintptr_t)word[i].at ^ word[i].value;
		if (differences != 0)
			return false;
	}
	for (; word < end; word++)
		differences |= *(const uint64_t *)(uintptr_t)word->at ^ word->value;
	return differences == 0;
}

bool trail_holds(const struct unwind_trail *trail,
		 const struct unwind_registers *registers, uint64_t start, uint64_t limit)
{
	return trail->is_whole && trail->pc == registers->value[UNWIND_RIP] &&
	       trail->sp == registers->value[UNWIND_RSP] &&
	       (!trail->needs_fp || trail->fp == registers->value[UNWIND_RBP]) &&
	       start <= trail->start && trail->limit <= limit && is_unchanged(trail);
}
