// Collections for people and programs: in Go's own words, and as JSON.
#pragma once

struct gctrace_cycle;
struct writer;

// The line that the runtime prints itself with GODEBUG=gctrace=1. Of a collection that is
// not complete a line that says so, and how long it stopped the world.
void gctrace_text_line(const struct gctrace_cycle *cycle, struct writer *w);

// A JSON object and a line end.
void gctrace_text_json(const struct gctrace_cycle *cycle, struct writer *w);
