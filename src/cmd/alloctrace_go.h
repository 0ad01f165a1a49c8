// goprof alloctrace PID for Go programs.
#pragma once

#include <stdbool.h>

struct alloctrace_read_options;
struct capture_target;
struct error;

struct alloctrace_go_options {
	double seconds;
	bool is_brief; // without addresses; never needed for totals and profiles
};

// Watches the program for so long, or until it ends or a signal comes, and writes what
// was asked for to stdout, except for the profile.
bool alloctrace_go(const struct capture_target *target,
		   const struct alloctrace_read_options *options,
		   struct alloctrace_go_options how, struct error *err)
	__attribute__((warn_unused_result));
