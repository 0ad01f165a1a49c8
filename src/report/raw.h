// The whole profile as text, as it stands in the file.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

bool raw_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
