// The comments of a profile, a line each.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

bool comments_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
