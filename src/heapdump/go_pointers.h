// Which words of a Go span are pointers, by the ways that Go 1.19 to 1.27 note it:
// runtime/mbitmap.go, mbitmap_allocheaders.go.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heapdump/go_rtype.h"
#include "heapdump/go_spans.h"

// The words of one span. Zero-initialised is empty.
struct go_pointers {
	const struct go_process *process;
	struct go_rtypes *types;
	bool has_inline_marks;
	uint64_t arenas; // address of the first arena's pointer
	uint8_t *bits;   // a bit for each word of the span
	size_t capacity;
	uint32_t *types_of; // by object: row of its type, MAP_NONE unknown
	size_t type_capacity;
	bool *is_opaque; // by object: any word may be a pointer
	size_t opaque_capacity;
};

void go_pointers_init(struct go_pointers *pointers, const struct go_process *process,
		      struct go_rtypes *types);
void go_pointers_deinit(struct go_pointers *pointers);

// Fills the tables for a span, whose memory was copied to `contents`.
bool go_pointers_read(struct go_pointers *pointers, const struct go_span *span,
		      const uint8_t *contents);

static inline bool go_pointers_has(const struct go_pointers *pointers, uint64_t word)
{
	return pointers->bits[word / 8] >> word % 8 & 1;
}
