// Lines about Go's scheduler for people and programs: in Go's own words, and as JSON.
#pragma once

#include <stdint.h>

struct json;
struct schedtrace_line;
struct writer;

// The line that the runtime of that release prints itself with GODEBUG=schedtrace.
void schedtrace_text_line(const struct schedtrace_line *line, struct writer *w);

// Its beginning, which lines with details have too: up to runqueue=N.
void schedtrace_text_head(const struct schedtrace_line *line, struct writer *w);

// The members of the JSON object.
void schedtrace_text_members(const struct schedtrace_line *line, struct json *j);

// A JSON object and a line end.
void schedtrace_text_json(const struct schedtrace_line *line, struct writer *w);

// What many looks come to. Zero-initialised is empty.
struct schedtrace_sums {
	uint64_t looks;
	uint64_t idle_and_waiting; // looks: a processor idle while goroutines waited
	uint64_t idle_alone;       // looks: a processor idle, and nothing to run
	uint64_t uneven;           // looks: queues of processors differ by 2 and more
	double idle, waiting, threads;
	int32_t gomaxprocs;
};

void schedtrace_text_add(struct schedtrace_sums *sums,
			 const struct schedtrace_line *line);
void schedtrace_text_sums(const struct schedtrace_sums *sums, struct writer *w);
void schedtrace_text_sums_json(const struct schedtrace_sums *sums, struct writer *w);
