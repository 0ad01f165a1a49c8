// The tables: top, and the calls around each node (tree, peek).
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

bool text_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
