// Writes lines of a scheduler trace, in the manner of Go's GODEBUG=schedtrace or as JSON.
#pragma once

#include "target/schedule.h"

struct writer;

// "SCHED 1004ms: processors=4 idleprocs=0 threads=11 running=4 runnable=3 blocked=4
// runqueue=3 [0 1 0 2] ..."
void schedule_text_line(const struct schedule_line *line, struct writer *w);

// A line a thread: what it did since the sample before.
void schedule_text_threads(const struct schedule_sample *before,
			   const struct schedule_sample *after, struct writer *w);

// One object on one line; with its threads where `after` is not NULL.
void schedule_text_json(const struct schedule_line *line,
			const struct schedule_sample *before,
			const struct schedule_sample *after, struct writer *w);

// All that came to pass from the first sample to the last.
struct schedule_total {
	uint64_t lines;
	size_t most_threads, most_runnable;
	struct schedule_line sums; // of the counters, over elapsed_ns
};

void schedule_text_add(struct schedule_total *total, const struct schedule_line *line);
void schedule_text_total(const struct schedule_total *total, struct writer *w);
void schedule_text_total_json(const struct schedule_total *total, struct writer *w);
