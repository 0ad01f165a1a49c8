// The top table as comma-separated values (RFC 4180), for spreadsheets and scripts.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

// A line of names, then a line a row: the whole values, in the unit that each line names.
bool csv_render(struct report *report, struct writer *w, struct error *err);
