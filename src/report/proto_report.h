// Profiles out: the filtered profile itself, and the top table as a small profile.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

// Gzipped profile.proto. The values are divided by -divide_by.
bool proto_report_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));

// A sample for each row, with the values cum and flat in the unit of the report.
bool proto_report_render_top(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
