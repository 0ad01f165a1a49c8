// The call graph in the format of KCachegrind.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

bool callgrind_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
