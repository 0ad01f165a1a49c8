// What Go's scheduler is doing, as GODEBUG=schedtrace has it, read from outside.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct go_process;

enum { SCHEDTRACE_PROCESSORS_MAX = 1024 };

// A P beyond its queue, read only with SCHEDTRACE_DETAIL.
struct schedtrace_processor {
	uint64_t m; // address of the M that has it, 0: none
	uint32_t status, syscall_tick;
	int32_t free_goroutines;
	int64_t timers;
};

// One moment. Numbers as the runtime keeps them; processors are its P's.
struct schedtrace_line {
	int64_t elapsed_ns; // since its trace began, or since the runtime did
	int minor;          // of the Go release, whose words a text takes
	int32_t gomaxprocs, idle_processors, threads, spinning_threads, idle_threads;
	int32_t needs_spinning;
	int32_t run_queue; // runnable goroutines of no processor
	// Flags that became true and false with Go 1.20 were numbers before.
	int32_t gc_waiting, idle_locked_threads, stop_wait, sysmon_wait;
	int processor_count;
	uint32_t queues[SCHEDTRACE_PROCESSORS_MAX]; // without the one to run next
	uint32_t ticks[SCHEDTRACE_PROCESSORS_MAX];  // goroutines put on it so far
	// Of the reader, until it reads again; NULL without SCHEDTRACE_DETAIL.
	const struct schedtrace_processor *processors;
};

struct schedtrace;

enum schedtrace_depth { SCHEDTRACE_QUEUES, SCHEDTRACE_DETAIL };

// `process` must live as long. Refuses core files and programs whose variables are not
// to be found.
bool schedtrace_open(const struct go_process *process, enum schedtrace_depth depth,
		     struct schedtrace **out, struct error *err)
	__attribute__((warn_unused_result));
void schedtrace_close(struct schedtrace *trace);

// Reads all in one system call, within some microseconds; the program is not stopped.
// False when it has ended.
bool schedtrace_read(struct schedtrace *trace, struct schedtrace_line *out)
	__attribute__((warn_unused_result));
