// What the memory of a process is made of, for people and for programs.
#pragma once

struct memory_view;
struct writer;

// Two tables in kB: by kind, adding up to the total, and the largest rows.
void memory_view_text_write(const struct memory_view *view, struct writer *w);

// An object with all rows, in bytes; docs/memory.md.
void memory_view_text_json(const struct memory_view *view, struct writer *w);
