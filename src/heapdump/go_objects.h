// What the objects of a Go heap dump are: the types that interfaces and malloc headers
// name, and the sites of the memory profile. Objects of which nothing is known are
// classed by their size.
#pragma once

struct heap;

// For heap_format.
void go_objects_classify(struct heap *heap);
