// DWARF expressions, as far as call frame information uses them: a small stack machine
// with bounded stack, time and memory. Source: DWARF 5, section 2.5.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"

struct unwind_registers;
struct window;

// How an evaluation went.
enum expression_result {
	EXPRESSION_DONE,
	EXPRESSION_UNKNOWN_REGISTER, // needs one whose value is lost
	EXPRESSION_UNREADABLE,       // memory
	EXPRESSION_DAMAGED,          // not an expression, or not one for frames
};

// `code` is the expression without its length. The stack begins with *value when
// has_value, and *value becomes its top. Async-signal-safe.
struct expression_start {
	bool has_value;
	uint64_t value;
};

enum expression_result expression_evaluate(struct reader code,
					   const struct unwind_registers *registers,
					   struct window *memory,
					   struct expression_start start,
					   uint64_t *value);
