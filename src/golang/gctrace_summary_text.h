// A summary of collections for people and programs.
#pragma once

struct gctrace_summary;
struct writer;

void gctrace_summary_text(const struct gctrace_summary *summary, struct writer *w);
void gctrace_summary_text_json(const struct gctrace_summary *summary, struct writer *w);
