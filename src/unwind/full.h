// One step of a walk by the complete state of an FDE, with all registers: slow, for the
// few frames that no compact row describes. Async-signal-safe.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct unwind_registers;
struct unwind_table;
struct window;

enum full_result {
	FULL_DONE,
	FULL_SIGNAL, // done, and the caller was interrupted at its exact pc
	FULL_OUTERMOST,
	FULL_UNKNOWN_REGISTER,
	FULL_UNREADABLE,
	FULL_DAMAGED, // or no FDE at all
};

// `address` is the file's own address to look up. Turns the registers into the caller's;
// they are unchanged unless the step is done.
enum full_result full_step(const struct unwind_table *table, uint64_t address,
			   struct window *memory, struct unwind_registers *registers);
