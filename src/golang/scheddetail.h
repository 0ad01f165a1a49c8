// Every thread and goroutine that Go's scheduler knows, as GODEBUG=scheddetail has them,
// read from outside.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;
struct go_process;
struct schedtrace_line;

enum { SCHEDDETAIL_NONE = -1 };

// An M. Ids are SCHEDDETAIL_NONE where it has no such thing.
struct scheddetail_thread {
	int64_t id, processor, current_goroutine, locked_goroutine;
	int32_t mallocing, locks, dying;
	uint32_t throwing;
	bool is_spinning, is_blocked;
	struct str preempt_off;
};

// A G, dead ones too.
struct scheddetail_goroutine {
	uint64_t id;
	int64_t thread, locked_thread; // SCHEDDETAIL_NONE: none
	uint32_t status;               // with the bit that says the collector holds it
	struct str wait_reason;        // of its last wait, while it runs as well
};

// Owned by the reader and valid until it reads again.
struct scheddetail {
	int64_t *processor_threads; // one for each processor of the line
	struct scheddetail_thread *threads;
	size_t thread_count;
	struct scheddetail_goroutine *goroutines;
	size_t goroutine_count;
};

struct scheddetail_reader;

// `process` must live as long. Refuses programs whose variables are not to be found.
bool scheddetail_open(struct go_process *process, struct scheddetail_reader **out,
		      struct error *err) __attribute__((warn_unused_result));
void scheddetail_close(struct scheddetail_reader *reader);

// Reads what belongs to `line`, a line read with SCHEDTRACE_DETAIL just before. The
// program is not stopped: threads and goroutines are as they were when their turn came.
bool scheddetail_read(struct scheddetail_reader *reader,
		      const struct schedtrace_line *line, const struct scheddetail **out,
		      struct error *err) __attribute__((warn_unused_result));
