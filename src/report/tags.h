// The values of each label, with their share of the total.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

bool tags_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));

// The same as JSON, the heaviest values of each label only, for menus.
bool tags_render_json(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
