// The signal of the profiles, shared with a program that may want it for itself: SIGPROF,
// unless the program has a handler for that already; then a real-time one.
#pragma once

#include <signal.h>
#include <stdbool.h>

// Takes the signal for good: what the program has set for it, or sets later, is
// remembered, reported back to it, and gets those signals that are not ours. Ours are the
// timers' of the CPU profile and the questions of thread_ask.h, which are answered in the
// handler, with SA_RESTART, on the thread's signal stack if it has one; errno is kept.
// Later calls change nothing.
bool profile_signal_install(void);

// Whether a signal of that number is none of the program's. Async-signal-safe.
bool profile_signal_is_ours(const siginfo_t *info);
