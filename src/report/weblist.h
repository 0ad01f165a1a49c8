// A page of source lines with what each weighs; a line unfolds into its instructions.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

// Of the functions, source files and addresses that options.symbol is about; none is an
// error. One HTML file that needs no network and no server.
bool weblist_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));

// The data of that page alone, JSON.
bool weblist_render_data(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
