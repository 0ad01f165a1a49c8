// Instructions of functions with what each weighs.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

// Of the functions with samples that match options.symbol, or that hold it where it is an
// address (of the process or of the file); none is an error.
bool disasm_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
