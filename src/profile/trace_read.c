// One stream a thread, merged by a heap of their next times.
#include "profile/trace_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/pages.h"

static uint64_t chunks_there(const struct trace_reader *reader)
{
	uint64_t claimed = reader->head.claimed, room = trace_chunk_count(&reader->head);
	uint64_t first = trace_chunk_offset(&reader->head, 0);
	uint64_t there = reader->bytes.n < first
				 ? 0
				 : (reader->bytes.n - first) / TRACE_CHUNK_SIZE;

	if (claimed > room)
		claimed = room;
	return claimed < there ? claimed : there;
}

static const struct trace_chunk *chunk_at(const struct trace_reader *reader,
					  uint64_t number)
{
	return (const struct trace_chunk *)((uintptr_t)reader->bytes.p +
					    trace_chunk_offset(&reader->head, number));
}

static struct trace_stream *stream_for(struct trace_reader *reader, uint32_t tid)
{
	uint32_t *place = map_put(&reader->stream_of, tid);

	if (*place == MAP_NONE) {
		*place = (uint32_t)reader->stream_count;
		reader->streams =
			table_reserve(reader->streams, &reader->stream_capacity,
				      reader->stream_count + 1, sizeof(*reader->streams));
		reader->streams[reader->stream_count++] =
			(struct trace_stream){ .tid = tid };
	}
	return &reader->streams[*place];
}

// Reads the stream's next record ahead; false at its end.
static bool advance(struct trace_reader *reader, struct trace_stream *stream)
{
	while (stream->at < stream->count) {
		const struct trace_chunk *chunk =
			chunk_at(reader, stream->chunks[stream->at]);
		// Acquire pairs with the release of trace.c: the process may still run.
		uint32_t used = atomic_load_explicit(&chunk->used, memory_order_acquire);
		size_t length = 0;

		if (stream->byte == 0)
			stream->next =
				(struct trace_record){ .time_ns = chunk->begin_ns };
		if (used <= TRACE_BYTES && stream->byte < used)
			length = trace_get(&chunk->bytes[stream->byte],
					   used - stream->byte, &stream->next);
		if (length == 0) {
			reader->damaged += stream->byte < used;
			stream->at++;
			stream->byte = 0;
			continue;
		}
		stream->byte += (uint32_t)length;
		if (stream->next.event != TRACE_PAUSE)
			return true;
		stream->next.time_ns += stream->next.size;
	}
	return false;
}

static uint64_t time_of(const struct trace_reader *reader, size_t i)
{
	return reader->streams[reader->heap[i]].next.time_ns;
}

static void sift_down(struct trace_reader *reader, size_t i)
{
	for (;;) {
		size_t least = i, left = 2 * i + 1;
		uint32_t moved = reader->heap[i];

		for (size_t child = left; child < left + 2 && child < reader->heap_count;
		     child++) {
			if (time_of(reader, child) < time_of(reader, least))
				least = child;
		}
		if (least == i)
			return;
		reader->heap[i] = reader->heap[least];
		reader->heap[least] = moved;
		i = least;
	}
}

static void collect_chunks(struct trace_reader *reader)
{
	uint64_t count = chunks_there(reader);

	for (uint64_t i = 0; i < count; i++) {
		const struct trace_chunk *chunk = chunk_at(reader, i);
		struct trace_stream *stream;

		if (chunk->used == 0)
			continue;
		stream = stream_for(reader, chunk->tid);
		stream->chunks =
			table_reserve(stream->chunks, &stream->capacity,
				      stream->count + 1, sizeof(*stream->chunks));
		stream->chunks[stream->count++] = (uint32_t)i;
	}
}

bool trace_reader_init(struct trace_reader *reader, struct str bytes, struct error *err)
{
	*reader = (struct trace_reader){ .bytes = bytes };
	if (bytes.n < TRACE_HEAD_SIZE)
		return error_set(err, ERROR_FORMAT, "this is no allocation trace");
	memcpy(&reader->head, bytes.p, sizeof(reader->head));
	if (!trace_is_valid(&reader->head))
		return error_set(err, ERROR_FORMAT,
				 "this is no allocation trace, or one of another version "
				 "of goprof");
	collect_chunks(reader);
	reader->heap = table_zeroed(reader->stream_count + 1, sizeof(*reader->heap));
	for (size_t i = 0; i < reader->stream_count; i++) {
		if (advance(reader, &reader->streams[i]))
			reader->heap[reader->heap_count++] = (uint32_t)i;
	}
	for (size_t i = reader->heap_count / 2; i-- > 0;)
		sift_down(reader, i);
	return true;
}

void trace_reader_deinit(struct trace_reader *reader)
{
	for (size_t i = 0; i < reader->stream_count; i++)
		free(reader->streams[i].chunks);
	free(reader->streams);
	free(reader->heap);
	map_deinit(&reader->stream_of);
}

bool trace_reader_next(struct trace_reader *reader, struct trace_record *out,
		       uint32_t *tid)
{
	struct trace_stream *stream;

	if (reader->heap_count == 0)
		return false;
	stream = &reader->streams[reader->heap[0]];
	*out = stream->next;
	*tid = stream->tid;
	if (!advance(reader, stream))
		reader->heap[0] = reader->heap[--reader->heap_count];
	sift_down(reader, 0);
	return true;
}

struct recording *trace_reader_recording(const struct trace_reader *reader,
					 struct error *err)
{
	size_t size = reader->head.recording_size;
	size_t there = reader->bytes.n - TRACE_HEAD_SIZE;
	struct recording *copy;

	// Pages that are read cost memory, and nobody has tables of many gigabytes.
	if (size > (size_t)RECORDING_SIZE_DEFAULT * 64)
		return error_set(err, ERROR_FORMAT, "the table of stacks is too large"),
		       NULL;
	copy = pages_map(size);
	if (copy == NULL)
		arena_out_of_memory(size);
	memcpy(copy, reader->bytes.p + TRACE_HEAD_SIZE, there < size ? there : size);
	if (recording_is_valid(copy, size))
		return copy;
	pages_unmap(copy, size);
	error_set(err, ERROR_FORMAT, "the trace has no valid table of stacks");
	return NULL;
}
