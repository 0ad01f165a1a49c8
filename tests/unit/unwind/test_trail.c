// Trails of walks hold while what the walks went by is the same, and not a word longer.
#include "unwind/trail.h"

#include "test.h"
#include "unwind/unwind.h"

static uint64_t stack[256];

static uint64_t at(size_t i)
{
	return (uint64_t)(uintptr_t)&stack[i];
}

static struct unwind_registers registers_of(uint64_t pc, uint64_t sp, uint64_t fp)
{
	struct unwind_registers registers = { .known = ~0u };

	registers.value[UNWIND_RIP] = pc;
	registers.value[UNWIND_RSP] = sp;
	registers.value[UNWIND_RBP] = fp;
	return registers;
}

static struct unwind_trail begin(const struct unwind_registers *registers)
{
	struct unwind_trail trail;

	trail_begin(&trail, registers, at(0), at(256));
	for (size_t i = 0; i < 7; i++)
		trail_add(&trail, at(10 * i), stack[10 * i] = 1000 + i);
	return trail;
}

TEST(trail_holds_until_a_word_changes)
{
	struct unwind_registers registers = registers_of(1, at(0), 3);
	struct unwind_trail trail = begin(&registers);

	CHECK(trail_holds(&trail, &registers, at(0), at(256)));
	stack[5] = 1; // which nobody went by
	CHECK(trail_holds(&trail, &registers, at(0), at(256)));
	for (size_t i = 0; i < 7; i++) {
		stack[10 * i]++;
		CHECK(!trail_holds(&trail, &registers, at(0), at(256)));
		stack[10 * i]--;
	}
	CHECK(trail_holds(&trail, &registers, at(0), at(256)));
}

TEST(trail_is_of_its_registers)
{
	struct unwind_registers registers = registers_of(1, at(0), 3);
	struct unwind_registers other_pc = registers_of(2, at(0), 3);
	struct unwind_registers other_sp = registers_of(1, at(1), 3);
	struct unwind_registers other_fp = registers_of(1, at(0), 4);
	struct unwind_trail trail = begin(&registers);

	CHECK(!trail_holds(&trail, &other_pc, at(0), at(256)));
	CHECK(!trail_holds(&trail, &other_sp, at(0), at(256)));
	CHECK(trail_holds(&trail, &other_fp, at(0), at(256)));
	trail.needs_fp = true;
	CHECK(!trail_holds(&trail, &other_fp, at(0), at(256)));
}

TEST(trail_reads_nothing_outside)
{
	struct unwind_registers registers = registers_of(1, at(0), 3);
	struct unwind_trail trail = begin(&registers);

	CHECK(!trail_holds(&trail, &registers, at(1), at(256)));
	CHECK(!trail_holds(&trail, &registers, at(0), at(255)));
	trail_add(&trail, at(256), 0);
	CHECK(!trail_holds(&trail, &registers, at(0), at(256)));
}

TEST(trail_has_room_for_so_many_words)
{
	struct unwind_registers registers = registers_of(1, at(0), 3);
	struct unwind_trail trail = begin(&registers);

	while (trail.count < TRAIL_WORDS_MAX)
		trail_add(&trail, at(1), stack[1]);
	CHECK(trail_holds(&trail, &registers, at(0), at(256)));
	trail_add(&trail, at(1), stack[1]);
	CHECK(!trail_holds(&trail, &registers, at(0), at(256)));
}
