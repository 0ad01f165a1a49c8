// Pictures of the call graph, laid out by graphviz's dot.
#pragma once

#include <stdbool.h>

struct error;
struct report;
struct writer;

// Runs `dot -T<type>` with the format's dot_type. SVG gets a script to pan and zoom.
// Where graphviz is not installed the error says so and offers the flame graph.
bool graphviz_render(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));

// The SVG as dot draws it: without a script, and with its size.
bool graphviz_render_plain(struct report *report, struct writer *w, struct error *err)
	__attribute__((warn_unused_result));
