// goprof run --leakcheck: what each process has lost when it ends.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct error;

enum { RUN_LEAKS_PATH_MAX = 256 };

struct run_leaks {
	char folder[RUN_LEAKS_PATH_MAX]; // of the dumps, in memory where there is such
	bool is_json;                    // the report is an object a line for a process
};

// Makes the folder. is_json is the caller's to set.
bool run_leaks_open(struct run_leaks *leaks, struct error *err)
	__attribute__((warn_unused_result));

// The file that processes are to write, for GOPROF's heappointers.
void run_leaks_pattern(const struct run_leaks *leaks, char path[RUN_LEAKS_PATH_MAX + 16]);

// Writes the leaks of all processes to stderr, as the command's own output is on stdout.
// *has_lost tells whether any block is definitely or possibly lost; false with an error
// when no process left anything to check.
bool run_leaks_report(const struct run_leaks *leaks, bool *has_lost, struct error *err)
	__attribute__((warn_unused_result));

// Removes the folder.
void run_leaks_close(struct run_leaks *leaks);
