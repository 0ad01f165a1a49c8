// Writing is one thread's affair; reading is in trace_read.c.
#include "profile/trace.h"

#include <string.h>

static const char magic[8] = "goprofA";

enum { EVENT_SHIFT = 56, STACK_SHIFT = 32 };

_Static_assert(sizeof(struct trace_chunk) == TRACE_CHUNK_SIZE, "chunks are packed");

void trace_init(struct trace_head *trace, uint64_t size, uint64_t recording_size)
{
	trace->version = TRACE_VERSION;
	trace->size = size;
	trace->recording_size = recording_size;
	memcpy(trace->magic, magic, sizeof(magic));
}

bool trace_is_valid(const struct trace_head *trace)
{
	return memcmp(trace->magic, magic, sizeof(magic)) == 0 &&
	       trace->version == TRACE_VERSION &&
	       trace->recording_size >= RECORDING_SIZE_MIN &&
	       trace->recording_size % TRACE_HEAD_SIZE == 0 &&
	       trace->size >= TRACE_HEAD_SIZE &&
	       trace->recording_size <= trace->size - TRACE_HEAD_SIZE;
}

uint64_t trace_chunk_count(const struct trace_head *trace)
{
	return (trace->size - TRACE_HEAD_SIZE - trace->recording_size) / TRACE_CHUNK_SIZE;
}

uint64_t trace_chunk_offset(const struct trace_head *trace, uint64_t chunk)
{
	return TRACE_HEAD_SIZE + trace->recording_size + chunk * TRACE_CHUNK_SIZE;
}

bool trace_has_size(enum trace_event event)
{
	return event < TRACE_FREE || event == TRACE_PAUSE;
}

static void put(struct trace_chunk *chunk, const struct trace_record *record,
		uint64_t passed_ns)
{
	uint32_t used = atomic_load_explicit(&chunk->used, memory_order_relaxed);
	uint64_t *words = &chunk->words[used];

	words[0] = (uint64_t)record->event << EVENT_SHIFT | record->address;
	words[1] = (uint64_t)record->stack << STACK_SHIFT | passed_ns;
	used += 2;
	if (trace_has_size(record->event)) {
		words[2] = record->size;
		used++;
	}
	// Whoever reads the count finds the words: pairs with trace_read.c.
	atomic_store_explicit(&chunk->used, used, memory_order_release);
}

bool trace_add(struct trace_chunk *chunk, const struct trace_record *record)
{
	uint32_t used = atomic_load_explicit(&chunk->used, memory_order_relaxed);
	uint64_t passed_ns = record->time_ns - chunk->last_ns;

	if (used + 2 * TRACE_RECORD_WORDS_MAX > TRACE_WORDS)
		return false;
	if (passed_ns > UINT32_MAX) {
		struct trace_record pause = { .event = TRACE_PAUSE, .size = passed_ns };

		put(chunk, &pause, 0);
		passed_ns = 0;
	}
	chunk->last_ns = record->time_ns;
	put(chunk, record, passed_ns);
	return true;
}
