// Writes a heap as an HPROF file, for Eclipse MAT, VisualVM and their like.
#pragma once

#include <stdint.h>

struct heap;
struct writer;

// How the heap appears there: an object is an instance of a class named after its type,
// with a field for each word; a large one is an array of references (where it has
// pointers) or of bytes. Each root is an array of the references it holds. A pointer into
// an object becomes a reference to it. Allocation sites are stack traces.
struct hprof_counts {
	uint64_t classes, instances, arrays, roots;
	uint64_t clipped; // objects beyond 2^31 - 1 bytes, cut to that
};

// Classifies the heap if need be. Failures to write are the writer's.
void hprof_write(struct heap *heap, struct writer *w, struct hprof_counts *counts);
