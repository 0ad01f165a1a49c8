// The call graph in graphviz's language.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

bool dot_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
