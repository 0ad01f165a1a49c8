// Findings as text and as JSON.
#pragma once

struct hints;
struct writer;

void hints_text_print(const struct hints *hints, struct writer *w);

// The schema is docs/hints.md's.
void hints_text_json(const struct hints *hints, struct writer *w);
