// Copies descriptors by the hundred: there are as many as the heap has pages.
#include "heapdump/go_spans.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "golang/layout.h"
#include "golang/process.h"

enum {
	PAGE = 8192,
	IN_USE = 1, // mSpanInUse
	BATCH = 256,
	SPANS_MAX = 1 << 28,
	LARGE = 1 << 24, // bytes
	INLINE_MARKS_MIN = 16,
	INLINE_MARKS_MAX = 512,
	INLINE_MARKS_AT = PAGE - 64,
};

struct heap_state {
	const struct go_process *process;
	uint64_t spans, count;
	uint32_t sweepgen;
	bool has_inline_marks;
};

static uint64_t number_at(const uint8_t *bytes, int32_t offset, int32_t size)
{
	uint64_t value = 0;

	memcpy(&value, bytes + offset, (size_t)size);
	return value;
}

bool go_spans_have_inline_marks(const struct go_process *process)
{
	struct str version = process->info.version;

	if (str_find(version, STR("nogreenteagc")) >= 0)
		return false;
	return process->version.minor >= 26 || str_find(version, STR("greenteagc")) >= 0;
}

// Unswept spans hold garbage of the last cycle among what was allocated before; what the
// collector marked is what is left of them. sweepgen: mheap.go, "sweep generation".
static bool is_swept(uint32_t heap, uint32_t span)
{
	return span != heap - 2 && span != heap - 1 && span != heap + 1;
}

// A damaged list may claim spans of any size: of large ones the end must be there.
static bool is_there(const struct heap_state *heap, const struct go_span *span)
{
	uint8_t byte;

	if (span->size <= LARGE)
		return true;
	return span->size <= UINT64_MAX - span->start &&
	       memory_read(heap->process->memory, span->start + span->size - 1, &byte, 1);
}

static bool decode(const struct heap_state *heap, const uint8_t *bytes,
		   struct go_span *out)
{
	const struct go_layout *layout = heap->process->layout;
	uint8_t class = bytes[layout->mspan.spanclass];

	if (bytes[layout->mspan.state] != IN_USE)
		return false;
	*out = (struct go_span){
		.start = number_at(bytes, layout->mspan.start_addr, 8),
		.size = number_at(bytes, layout->mspan.npages, 8) * PAGE,
		.element_size = number_at(bytes, layout->mspan.elemsize, 8),
		.count =
			number_at(bytes, layout->mspan.nelems, layout->mspan.nelems_size),
		.free_index = number_at(bytes, layout->mspan.freeindex,
					layout->mspan.freeindex_size),
		.specials = number_at(bytes, layout->mspan.specials, 8),
		.has_pointers = (class & 1) == 0,
		.is_large = class >> 1 == 0,
	};
	if (layout->mspan.large_type != GO_ABSENT)
		out->large_type = number_at(bytes, layout->mspan.large_type, 8);
	out->is_swept = is_swept(heap->sweepgen,
				 (uint32_t)number_at(bytes, layout->mspan.sweepgen, 4));
	out->bits = number_at(
		bytes,
		out->is_swept ? layout->mspan.alloc_bits : layout->mspan.gcmark_bits, 8);
	if (!out->is_swept && heap->has_inline_marks &&
	    out->element_size >= INLINE_MARKS_MIN &&
	    out->element_size <= INLINE_MARKS_MAX)
		out->bits = out->start + INLINE_MARKS_AT;
	return out->element_size > 0 && out->count <= out->size / out->element_size &&
	       is_there(heap, out);
}

static bool visit_batch(const struct heap_state *heap, uint64_t first, size_t count,
			struct go_spans_visitor *visitor, struct error *err)
{
	size_t size = (size_t)heap->process->layout->mspan.size;
	uint64_t addresses[BATCH];
	struct memory_range ranges[BATCH];
	uint8_t *bytes;
	bool is_done = true;

	if (!memory_read(heap->process->memory, heap->spans + first * 8, addresses,
			 count * sizeof(*addresses)))
		return error_set(err, ERROR_FORMAT,
				 "the list of spans cannot be read: try again");
	bytes = table_zeroed(count, size);
	for (size_t i = 0; i < count; i++)
		ranges[i] = (struct memory_range){ addresses[i], bytes + i * size, size,
						   false };
	go_process_read_many(heap->process, ranges, count);
	for (size_t i = 0; i < count && is_done; i++) {
		struct go_span span;

		if (ranges[i].is_read && decode(heap, bytes + i * size, &span))
			is_done = visitor->visit(visitor, &span, err);
	}
	free(bytes);
	return is_done;
}

bool go_spans_visit(const struct go_process *process, struct go_spans_visitor *visitor,
		    struct error *err)
{
	const struct go_layout *layout = process->layout;
	struct heap_state heap = {
		.process = process,
		.has_inline_marks = go_spans_have_inline_marks(process),
	};
	uint64_t at, allspans;

	if (!go_process_need(process, STR("runtime.mheap_"), &at, err))
		return false;
	allspans = at + (uint64_t)layout->mheap.allspans;
	heap.sweepgen = (uint32_t)go_process_read_number(
		process, at + (uint64_t)layout->mheap.sweepgen, 4);
	heap.spans = go_process_read_number(process, allspans, 8);
	heap.count = go_process_read_number(process, allspans + 8, 8);
	if (heap.spans == 0 || heap.count > SPANS_MAX)
		return error_set(err, ERROR_FORMAT,
				 "%" PRIu64 " spans: the heap is not as Go lays it out",
				 heap.count);
	for (uint64_t i = 0; i < heap.count; i += BATCH) {
		size_t count = heap.count - i < BATCH ? (size_t)(heap.count - i) : BATCH;

		if (!visit_batch(&heap, i, count, visitor, err))
			return false;
	}
	return true;
}

bool go_spans_read_bits(const struct go_process *process, const struct go_span *span,
			uint8_t *out)
{
	size_t size = (size_t)(span->count + 7) / 8;

	if (span->bits == 0 || !memory_read(process->memory, span->bits, out, size))
		return false;
	for (uint64_t i = 0; span->is_swept && i < span->free_index && i < span->count;
	     i++)
		out[i / 8] |= (uint8_t)(1u << i % 8);
	return true;
}
