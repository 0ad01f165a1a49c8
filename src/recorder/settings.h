// What the environment variable GOPROF asks for.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { SETTINGS_TEXT_MAX = 2048, SETTINGS_OUTPUTS_MAX = 8 };

// A profile that is written to a file when the program ends.
struct settings_output {
	struct str name; // of the profile
	struct str path; // "%p" stands for the process id
};

// Strings are views of `text`. A rate of 0 is off.
// Where an allocation trace goes that was given no file.
#define SETTINGS_TRACE_DEFAULT "alloctrace.%p"

struct settings {
	bool is_set; // there is a GOPROF, if only an empty one
	uint64_t cpu_hz, heap_rate, block_rate, mutex_rate;
	bool has_gctrace, has_gctrace_json; // lines of the Boehm collector
	uint64_t schedtrace_ms;             // from line to line about threads, 0: none
	bool has_scheddetail;               // a line a thread too
	uint64_t memory;                    // bytes that the recording may take
	struct str board;     // file of recordings that outlives the process, or ""
	struct str http;      // where to listen, or ""
	uint64_t http_parent; // only children of that process listen there; 0: all
	bool counts_sleep;    // sleeping and polling are waits too
	uint64_t signal;      // in place of SIGPROF, 0: none
	bool is_not_followed; // programs that this one becomes or starts are not recorded
	bool has_no_socket;   // the owner's socket is switched off
	struct str trace;     // file of the allocation trace, or ""
	uint64_t trace_size;  // bytes that it may take
	bool trace_is_brief;  // frees are recorded without their stacks
	struct settings_output outputs[SETTINGS_OUTPUTS_MAX];
	size_t output_count;
	struct str wrong; // the first part that was not understood, or ""
	char text[SETTINGS_TEXT_MAX];
};

// Reads "key=value,key=value"; NULL is nothing set. No heap, no lock, no system call.
void settings_read(struct settings *settings, const char *text);
