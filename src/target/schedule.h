// What the kernel's scheduler does with the threads of a process: /proc/PID/task/*/stat,
// schedstat and status (proc(5)), its affinity and the limits of its cgroup. Touches no
// heap, so that libgoprof can look at its own process.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

// One thread at one moment. Times and counts are since the thread began.
struct schedule_thread {
	int id;
	char name[16];
	char state;    // as in proc(5): 'R', 'S', 'D', ...
	char wait[32]; // where in the kernel it waits; "" unknown or not at all
	int processor; // that it ran on last
	uint64_t run_ns, delay_ns;  // on a processor; waiting for one
	uint64_t slices;            // times it was put on a processor
	uint64_t voluntary, forced; // switches away
};

// Zero-initialised is empty. Threads by ascending id, in pages of their own.
struct schedule_sample {
	uint64_t time_ns; // CLOCK_MONOTONIC
	struct schedule_thread *threads;
	size_t count, capacity;
	uint64_t throttled_ns,
		throttled_periods; // of its cgroup, 0 where it has no limit
};

void schedule_sample_deinit(struct schedule_sample *sample);

// What bounds a process. Processors are usable ones of its main thread.
struct schedule_bounds {
	int processors;
	int highest;  // number of the highest usable processor
	double quota; // processors that its cgroup may use on average; 0: no limit
};

bool schedule_read_bounds(int pid, struct schedule_bounds *out, struct error *err)
	__attribute__((warn_unused_result));

// Replaces the sample. Threads that end meanwhile are left out. False when the process is
// gone or is not ours to read, or for lack of memory. Where threads wait is read only if
// `has_waits`: it costs two more files a thread.
enum schedule_depth { SCHEDULE_TIMES, SCHEDULE_WAITS };
bool schedule_read(int pid, enum schedule_depth depth, struct schedule_sample *out,
		   struct error *err) __attribute__((warn_unused_result));

enum { SCHEDULE_PROCESSORS_MAX = 1024 };

// What came to pass between two samples, and what is true at the second one.
struct schedule_line {
	uint64_t elapsed_ns, period_ns;  // since the trace began; since the line before
	int processors, idle_processors; // usable; those without a runnable thread of it
	double quota;
	size_t threads, running, runnable, blocked; // now; running: one a processor
	int queues[SCHEDULE_PROCESSORS_MAX]; // by processor: runnable ones beyond the
					     // first
	int queue_count;
	double average_running, average_runnable; // over the period
	uint64_t run_ns, delay_ns, slices, voluntary, forced, throttled_ns,
		throttled_periods;
};

// Takes the threads out that `is_hidden` says so of.
void schedule_hide(struct schedule_sample *sample, bool (*is_hidden)(int id));

void schedule_compare(const struct schedule_bounds *bounds,
		      const struct schedule_sample *before,
		      const struct schedule_sample *after, struct schedule_line *out);

// The thread of that id in a sample, NULL where there is none.
const struct schedule_thread *schedule_find(const struct schedule_sample *sample, int id);
