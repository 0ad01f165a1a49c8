// The CPU profile: a timer on the CPU time of each thread.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

// Starts a fresh profile at so many samples a second of CPU time, on all threads there
// are and will be; 0 stops. What was recorded stays until the next start. False for lack
// of memory. Not for signal handlers.
bool cpu_set_rate(uint64_t hz);

// Counts what threads have used since their last samples, before the program ends.
void cpu_finish(void);

// The calling thread is new; it ends.
void cpu_thread_begin(void);
void cpu_thread_end(void);

// Around fork: a signal that interrupts it makes the kernel begin again, for ever if fork
// takes longer than the period.
void cpu_before_fork(void);
void cpu_after_fork(void);

// Timers are not inherited: starts again in a forked child.
void cpu_reset_child(void);

// Takes a sample where the signal is one of our timers'; false: it is not.
// Async-signal-safe.
bool cpu_take_signal(const siginfo_t *info, const void *context);
bool cpu_is_signal(const siginfo_t *info);
