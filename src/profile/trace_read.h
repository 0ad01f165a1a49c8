// Reads allocation traces: the events of all threads in the order of their times. Bytes
// come from a file that a dying process may have left, so everything is bounded.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"
#include "profile/trace.h"

struct error;

// The chunks of one thread, by their numbers, and where reading stands.
struct trace_stream {
	uint32_t tid;
	uint32_t *chunks;
	size_t count, capacity;
	size_t at;     // in chunks
	uint32_t byte; // in that chunk
	struct trace_record next;
};

// Borrows the bytes.
struct trace_reader {
	struct str bytes;
	struct trace_head head;
	struct trace_stream *streams;
	size_t stream_count, stream_capacity;
	struct map stream_of; // by thread id
	uint32_t *heap;       // streams with a next record, the earliest first
	size_t heap_count;
	uint64_t damaged; // chunks whose records make no sense from some point on
};

// False where the bytes are no trace, which the error says.
bool trace_reader_init(struct trace_reader *reader, struct str bytes, struct error *err)
	__attribute__((warn_unused_result));
void trace_reader_deinit(struct trace_reader *reader);

// The next event and its thread; false at the end. TRACE_PAUSE is not among them.
bool trace_reader_next(struct trace_reader *reader, struct trace_record *out,
		       uint32_t *tid);

// A copy of the trace's recording, in pages (pages_unmap) of its own; NULL with the
// error.
struct recording *trace_reader_recording(const struct trace_reader *reader,
					 struct error *err);
