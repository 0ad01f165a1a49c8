// Source code with what each line weighs.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

// Of the functions whose name matches options.symbol; none is an error.
bool listing_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
