// Memory that changes, and right behind it, in the same system call, what shows whether
// it changed meanwhile: stacks of goroutines that wait, and their g.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct go_process;
struct memory_range;

enum { GUARDED_READ_MAX = 16, GUARDED_READ_BYTES = 256 };

// `guard` is read into guard_buffer once the memory of all wants of the call is there.
struct guarded_want {
	uint64_t address, guard;
	void *buffer;
	uint8_t *guard_buffer;
	size_t size;
	bool is_read; // both
};

// Reads up to GUARDED_READ_MAX wants, whose guards have guard_size bytes, at most
// GUARDED_READ_BYTES, each. False when that took so long that a counter in a guard may
// have come round to its value: nothing of it is to be believed.
bool guarded_read(const struct go_process *process, struct guarded_want *wants,
		  size_t count, size_t guard_size);

// Reads ranges that bring their guards along: each right behind what it guards. False
// when that took longer than it can have by itself.
bool guarded_read_ranges(const struct go_process *process, struct memory_range *ranges,
			 size_t count);
