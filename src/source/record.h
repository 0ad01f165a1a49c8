// Takes a CPU profile of a live process, or of a command, from outside by perf events.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct profile;
struct source_spec;

struct record_options {
	double seconds;       // 0: 10 s for a process, until it ends for a command
	uint32_t rate_hz;     // 0: 100
	uint32_t stack_bytes; // user stack copied a sample, 0: the default
	bool no_children;     // leave out child processes
	bool no_kernel;       // leave out kernel frames even where permitted
	bool no_symbols;      // leave names to a later reader
};

struct record_result {
	struct profile *profile; // owned by the caller; symbolized unless no_symbols
	bool target_exited;      // before the time was up
	int exit_status;         // of a command, as a shell reports it (128 + signal)
};

// Ends by itself, on SIGINT or SIGTERM, or when the target exits; what was seen until
// then is the profile, with its quality. Failing to start is an error; an empty profile
// is not.
bool record_cpu(const struct source_spec *source, const struct record_options *options,
		struct record_result *out, struct error *err)
	__attribute__((warn_unused_result));
