// goprof schedtrace of a Go program: goroutines and Go's processors.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct go_process;
struct signals;

struct schedtrace_go_options {
	int64_t period_ns;
	uint64_t count; // 0: no limit
	int fd;         // where lines go
	bool is_summary, is_json;
	bool has_detail; // every P, M and G
};

// Prints lines to the standard output until a signal comes or the program ends.
bool schedtrace_go_run(struct go_process *process,
		       const struct schedtrace_go_options *options,
		       const struct signals *signals, struct error *err)
	__attribute__((warn_unused_result));

// False when a signal ends the trace; true at `due_ns` (CLOCK_MONOTONIC).
bool schedtrace_go_wait(const struct signals *signals, uint64_t due_ns);
