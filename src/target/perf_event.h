// Opening perf events: those that sample one thread, on one CPU, by the CPU time it uses,
// and probes.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum perf_kernel {
	PERF_KERNEL_FRAMES,   // samples in the kernel carry its frames
	PERF_KERNEL_SAMPLED,  // samples in the kernel count for the user's stack alone
	PERF_KERNEL_EXCLUDED, // no samples while in the kernel: all an ordinary user may
};

enum perf_follow {
	PERF_FOLLOW_CHILDREN, // threads and processes started later
	PERF_FOLLOW_THREADS,  // threads started later
};

enum perf_start {
	PERF_START_DISABLED, // until perf_event_enable
	PERF_START_ON_EXEC,
};

struct perf_layout;

struct perf_event_options {
	uint64_t period_ns;   // of CPU time between two samples
	uint32_t stack_bytes; // of user stack copied a sample; a multiple of 8
	enum perf_kernel kernel;
	enum perf_follow follow;
	enum perf_start start;
	bool wakes_readers; // at each sample, else readers come by on a schedule
	bool has_counts;    // samples tell what their event has counted: since Linux 6.12
};

enum {
	PERF_STACK_BYTES_MAX = 65528, // what sample_stack_user can say
};

// What the samples of such events hold.
const struct perf_layout *perf_event_layout(const struct perf_event_options *options);

// The descriptor, close-on-exec, or -1 with errno. Times of records are CLOCK_MONOTONIC.
int perf_event_open_thread(const struct perf_event_options *options, int tid, int cpu);

// A probe on the instruction at an offset of a file, in all threads of the process that
// has it mapped, those to come included. It only runs programs; close-on-exec, disabled.
// -1 with errno.
int perf_event_open_uprobe(int pid, const char *path, uint64_t offset);

// Lets the probe run a BPF program at each hit.
bool perf_event_run(int fd, int program_fd);

// Starts counting, inherited events included.
bool perf_event_enable(int fd);
bool perf_event_disable(int fd);

// Sends the records of fd to the ring of another event on the same CPU.
bool perf_event_redirect(int fd, int ring_fd);

// The id that samples carry (an inherited event carries its ancestor's), 0 on failure.
uint64_t perf_event_id(int fd);

// Nanoseconds of CPU time that the event, and what inherited it, has counted so far.
uint64_t perf_event_counted_ns(int fd);
