// Each node with its callers above it and its callees below: tree, and peek for some.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

// With options.symbol only nodes whose label matches that regular expression; none is an
// error.
bool tree_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
