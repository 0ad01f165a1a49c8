// How fast the processor's counter runs, in which the runtime measures waits.
#pragma once

#include <stdint.h>

struct go_process;

// As the runtime itself has it where it has found out, so that times agree with its own
// profiles; else measured, which takes 100 ms before 1.22. At least 1.
int64_t go_ticks_per_second(const struct go_process *process);
