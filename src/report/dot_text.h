// Texts and colours inside graphviz's language.
#pragma once

#include <stdint.h>

#include "base/str.h"

struct nodes;
struct writer;

// With '"' and '\' escaped, and line ends as graphviz's left-justified ones.
void dot_text_print(struct writer *w, struct str text);

// A node's name for its box, one part a line.
void dot_text_print_name(struct writer *w, const struct nodes *nodes, uint32_t node);

enum dot_ink { DOT_STROKE, DOT_FILL };

// "#rrggbb" for a share from -1 (green) over 0 (grey) to 1 (red).
void dot_text_print_color(struct writer *w, double share, enum dot_ink ink);
