// The spans of a Go heap in the memory of a process: runs of pages cut into objects of
// one size. Source: runtime/mheap.go, type mspan; offsets are those of the process's
// layout.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct go_process;

struct go_span {
	uint64_t start, size; // of the pages, in bytes
	uint64_t element_size;
	uint64_t count;      // of objects that fit
	uint64_t free_index; // those before it are all in use
	uint64_t bits;       // address of a bit for each object: in use
	bool is_swept;       // if not, the bits decide for all objects
	bool has_pointers;
	bool is_large;       // one object, of large_type
	uint64_t large_type; // since Go 1.22
	uint64_t specials;   // first of the list of runtime.special
};

// Gets the spans in the order of the runtime's list; false ends the visit with its err.
struct go_spans_visitor {
	bool (*visit)(struct go_spans_visitor *visitor, const struct go_span *span,
		      struct error *err);
};

// Spans in use by objects alone. The process must stand still.
bool go_spans_visit(const struct go_process *process, struct go_spans_visitor *visitor,
		    struct error *err) __attribute__((warn_unused_result));

// Whether small objects have their marks at the end of their span: since Go 1.26, unless
// an experiment says otherwise.
bool go_spans_have_inline_marks(const struct go_process *process);

// A bit for each object: in use. `out` has room for (span->count + 7) / 8 bytes.
bool go_spans_read_bits(const struct go_process *process, const struct go_span *span,
			uint8_t *out);
