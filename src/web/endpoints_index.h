// The page /debug/pprof/, which lists what a process gives, each with what it tells.
#pragma once

#include <stdbool.h>

struct error;
struct writer;

// Opening a Go program may read much of its binary: for a child process.
bool endpoints_index_write(int pid, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
