// GOPROF=schedtrace=MS: lines about the threads of this process on its stderr, as
// GODEBUG=schedtrace prints them of a Go program.
#pragma once

// Starts the thread that prints them, where the settings ask for it. Forked children do
// not print; programs that they become do.
void schedtrace_start(void);
