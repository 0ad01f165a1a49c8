// Processors, threads and goroutines of the scheduler for people and programs: in Go's
// own words, and as JSON.
#pragma once

struct schedtrace_line;
struct scheddetail;
struct writer;

// The lines that the runtime of that release prints itself with GODEBUG=scheddetail=1,
// the SCHED line first.
void scheddetail_text_lines(const struct schedtrace_line *line,
			    const struct scheddetail *detail, struct writer *w);

// A JSON object and a line end: the SCHED line's members, and lists "p", "m" and "g".
void scheddetail_text_json(const struct schedtrace_line *line,
			   const struct scheddetail *detail, struct writer *w);
