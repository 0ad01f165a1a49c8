// The top table and the quality of the profile as JSON.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

// The schema is docs/json.md's.
bool json_report_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
