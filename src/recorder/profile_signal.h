// SIGPROF, shared with a program that may want it for itself.
#pragma once

#include <signal.h>
#include <stdbool.h>

// Takes the signal for good: what the program has set for it, or sets later, is
// remembered, reported back to it, and gets those signals that `take` says are not ours.
// `take` runs in the handler with SA_RESTART on the thread's signal stack, if it has one;
// errno is kept. Later calls change nothing.
bool profile_signal_install(bool (*take)(const siginfo_t *info, void *context));
