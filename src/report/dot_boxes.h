// The small boxes below a node, for the labels of its samples.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct report;
struct writer;

// Whether there were any. number is the node's in the picture.
bool dot_boxes_print(struct writer *w, const struct report *report, uint32_t node,
		     uint32_t number);
