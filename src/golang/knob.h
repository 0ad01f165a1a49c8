// One number in the memory of a running Go program that decides how it behaves: read,
// changed when the user asks for it, and put back.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;
struct go_process;

struct go_knob {
	const struct go_process *process;
	struct str name; // of the variable
	uint64_t address;
	size_t size;      // bytes, at most 8
	uint64_t initial; // as it was when it was opened
};

// The variable, or the field at an offset in it. Refuses core files, which cannot be
// changed.
bool go_knob_open(const struct go_process *process, struct str variable, int32_t offset,
		  size_t size, struct go_knob *out, struct error *err)
	__attribute__((warn_unused_result));

uint64_t go_knob_read(const struct go_knob *knob);

// Writes the bytes that differ and no others. The program may see them one by one, so a
// value between must be harmless; a change of one byte has none.
bool go_knob_write(const struct go_knob *knob, uint64_t value, struct error *err)
	__attribute__((warn_unused_result));
