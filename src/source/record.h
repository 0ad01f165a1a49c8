// Takes a CPU profile of a live process, or of a command, from outside by perf events.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct profile;
struct source_spec;

// Told about twice a second while recording.
struct record_progress {
	double elapsed_seconds;
	uint64_t samples;
};

struct record_options {
	double seconds;       // 0: 10 s for a process, until it ends for a command
	uint32_t rate_hz;     // 0: 100; at most RECORD_RATE_MAX
	uint32_t stack_bytes; // user stack copied a sample, 0: as much as it takes
	bool no_children;     // leave out child processes
	bool no_kernel;       // leave out kernel frames even where permitted
	bool no_symbols;      // leave names to a later reader
	void (*progress)(void *context,
			 const struct record_progress *progress); // or NULL
	void *context;
};

enum {
	RECORD_RATE_DEFAULT = 100,
	RECORD_RATE_MAX = 20000,
	RECORD_SECONDS_DEFAULT = 10, // of a process
};

struct record_result {
	struct profile *profile; // owned by the caller; symbolized unless no_symbols
	bool target_exited;      // before the time was up
	int exit_status;         // of a command, as a shell reports it (128 + signal)
	int running_pid;         // of a command that still runs, else 0
	bool is_kernel_hidden;   // the kernel let us see none of its own time
	bool is_interrupted;     // by SIGINT or SIGTERM
	uint64_t cpu_ns; // what the target used while recorded, by the kernel's count; 0:
			 // not known
};

// Ends by itself, on SIGINT or SIGTERM, or when the target exits; what was seen until
// then is the profile, with its quality. Signals that a command's terminal sends reach
// the command as well; others are passed on to it. Failing to start is an error; an empty
// profile is not.
bool record_cpu(const struct source_spec *source, const struct record_options *options,
		struct record_result *out, struct error *err)
	__attribute__((warn_unused_result));

// Waits for a command that outlived its recording, passing signals on to it, and returns
// its exit status.
int record_wait_command(int running_pid);
