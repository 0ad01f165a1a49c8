// Which objects of a Go heap can be reached, as the collector would find out, but from
// outside and starting from whatever the caller takes for a root.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heapdump/go_pointers.h"
#include "heapdump/go_rtype.h"
#include "heapdump/go_spans.h"

struct error;
struct go_process;

// Where an address is.
enum go_marks_place {
	GO_MARKS_OUTSIDE, // of the heap: always there
	GO_MARKS_LOST,    // in an object that no root leads to so far
	GO_MARKS_REACHED,
};

// A graph of object numbers: the spans' objects in the order of their addresses. Owns its
// tables. Zero-initialised is empty.
struct go_marks {
	struct go_spans_visitor visitor;
	const struct go_process *process;
	struct go_rtypes types;
	struct go_pointers pointers;
	struct go_span *spans; // by address
	uint32_t *first;       // by span: the number of its first object
	size_t span_count, span_capacity, first_capacity;
	uint32_t object_count;
	uint64_t *edge_starts; // by object, object_count + 1
	uint32_t *edges;       // objects pointed to
	size_t edge_count, edge_capacity;
	uint8_t *is_marked, *is_sealed; // by object
	uint32_t *queue;                // marked, not yet followed
	size_t queue_count, queue_capacity;
	uint64_t unread_spans;
};

// Reads the heap of a process that stands still.
bool go_marks_load(struct go_marks *marks, const struct go_process *process,
		   struct error *err) __attribute__((warn_unused_result));
void go_marks_deinit(struct go_marks *marks);

// The object that an address lies in; UINT32_MAX outside of the heap.
uint32_t go_marks_object(const struct go_marks *marks, uint64_t address);

enum go_marks_place go_marks_place(const struct go_marks *marks, uint64_t address);

// Takes care that what an object points to is not followed from it.
void go_marks_seal(struct go_marks *marks, uint64_t address);

// Marks an object; a root outside of the heap is none.
void go_marks_add(struct go_marks *marks, uint32_t object);
void go_marks_add_address(struct go_marks *marks, uint64_t address);

// Marks what every word of some memory may point to.
void go_marks_add_words(struct go_marks *marks, const void *bytes, size_t size);

// Marks what globals and finalizers lead to.
bool go_marks_add_globals(struct go_marks *marks, struct error *err)
	__attribute__((warn_unused_result));

// Follows all pointers of what was marked.
void go_marks_follow(struct go_marks *marks);
