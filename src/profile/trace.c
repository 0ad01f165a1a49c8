// Writing is one thread's affair; reading is in trace_read.c.
#include "profile/trace.h"

#include <string.h>

static const char magic[8] = "goprofA";

enum {
	TIME_SHIFT = 4,
	STACK_SHIFT = 6,
	FAR_SHIFT = 8,
	SIZE_SHIFT = 11,
	ALIGNED_SHIFT = 14,
	DOWN_SHIFT = 15,
	ALIGNED = 16, // what blocks of malloc are aligned to
};

_Static_assert(TRACE_EVENTS <= 16, "an event has four bits");

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

// In how many bytes a value of up to 4 is written, less 1.
static unsigned short_code(uint32_t value)
{
	return (unsigned)(31 - __builtin_clz(value | 1)) / 8;
}

// The same for one of up to 8, which are 0 to 6, or 8 under the code 7.
static unsigned long_code(uint64_t value)
{
	unsigned bytes = value == 0 ? 0 : (unsigned)(63 - __builtin_clzll(value)) / 8 + 1;

	return bytes < 7 ? bytes : 7;
}

static unsigned long_size(unsigned code)
{
	return code + code / 7;
}

// Eight bytes are written whatever the length is: the chunk has room for them.
static uint8_t *put_field(uint8_t *to, uint64_t value, unsigned size)
{
	memcpy(to, &value, sizeof(value));
	return to + size;
}

static void put(struct trace_chunk *chunk, const struct trace_record *record,
		uint32_t passed_ns)
{
	uint32_t used = atomic_load_explicit(&chunk->used, memory_order_relaxed);
	uint8_t *start = &chunk->bytes[used], *to = start + 2;
	bool is_down = record->address < chunk->last_address;
	uint64_t distance = is_down ? chunk->last_address - record->address
				    : record->address - chunk->last_address;
	bool is_aligned = distance % ALIGNED == 0;
	unsigned time = short_code(passed_ns), stack = short_code(record->stack), far,
		 size = long_code(record->size);
	uint16_t tag;

	if (is_aligned)
		distance /= ALIGNED;
	far = long_code(distance);
	tag = (uint16_t)(record->event | time << TIME_SHIFT | stack << STACK_SHIFT |
			 far << FAR_SHIFT | size << SIZE_SHIFT |
			 (unsigned)is_aligned << ALIGNED_SHIFT |
			 (unsigned)is_down << DOWN_SHIFT);
	memcpy(start, &tag, sizeof(tag));
	to = put_field(to, passed_ns, time + 1);
	to = put_field(to, record->stack, stack + 1);
	to = put_field(to, distance, long_size(far));
	to = put_field(to, record->size, long_size(size));
	chunk->last_address = record->address;
	// Whoever reads the count finds the bytes: pairs with trace_read.c.
	atomic_store_explicit(&chunk->used, used + (uint32_t)(to - start),
			      memory_order_release);
}

bool trace_add(struct trace_chunk *chunk, const struct trace_record *record)
{
	uint32_t used = atomic_load_explicit(&chunk->used, memory_order_relaxed);
	uint64_t passed_ns = record->time_ns - chunk->last_ns;

	if (used + 2 * TRACE_RECORD_MAX + sizeof(uint64_t) > TRACE_BYTES)
		return false;
	if (passed_ns > UINT32_MAX) {
		struct trace_record pause = { .event = TRACE_PAUSE,
					      .address = chunk->last_address,
					      .size = passed_ns };

		put(chunk, &pause, 0);
		passed_ns = 0;
	}
	chunk->last_ns = record->time_ns;
	put(chunk, record, (uint32_t)passed_ns);
	return true;
}

static uint64_t get_field(const uint8_t **from, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, *from, size);
	*from += size;
	return value;
}

size_t trace_get(const uint8_t *bytes, size_t size, struct trace_record *record)
{
	const uint8_t *from = bytes + 2;
	unsigned time, stack, far, length;
	uint64_t distance;
	uint16_t tag;

	if (size < sizeof(tag))
		return 0;
	memcpy(&tag, bytes, sizeof(tag));
	time = (tag >> TIME_SHIFT & 3u) + 1;
	stack = (tag >> STACK_SHIFT & 3u) + 1;
	far = long_size(tag >> FAR_SHIFT & 7u);
	length = long_size(tag >> SIZE_SHIFT & 7u);
	record->event = (enum trace_event)(tag & 15u);
	if (record->event == TRACE_NONE || record->event >= TRACE_EVENTS ||
	    sizeof(tag) + time + stack + far + length > size)
		return 0;
	record->time_ns += get_field(&from, time);
	record->stack = (uint32_t)get_field(&from, stack);
	distance = get_field(&from, far);
	if ((tag >> ALIGNED_SHIFT & 1) != 0)
		distance *= ALIGNED;
	record->address += (tag >> DOWN_SHIFT & 1) != 0 ? -distance : distance;
	record->size = get_field(&from, length);
	return (size_t)(from - bytes);
}
