// The block profile: where threads wait for others, and for how long.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct unwind_registers;

// Samples one wait in `rate` nanoseconds spent waiting on average from now on; 1 is every
// one, 0 none. False for lack of memory. Meaning and arithmetic: Go's
// runtime.SetBlockProfileRate (1.27, runtime/mprof.go).
bool block_set_rate(uint64_t rate);

// Starts again in a forked child.
void block_reset_child(void);

// A wait that has ended. Keeps errno.
void block_note(uint64_t waited_ns, const struct unwind_registers *caller);
