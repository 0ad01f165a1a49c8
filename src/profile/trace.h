// Allocation traces: every allocation and free of a process, in a file that libgoprof
// maps and that outlives the process however it ends.
//
//   head (a page) | recording: stacks, modules, texts | chunks of TRACE_CHUNK_SIZE
//
// A chunk belongs to one thread, which appends records to it without a lock. A record is
// a tag of two bytes and the fields that it gives the lengths of, little-endian:
//
//   tag | nanoseconds since the record before | stack id | distance | size
//
//   bits of the tag: 0 event, 4 bytes of the time less 1, 6 of the stack less 1,
//   8 of the distance, 11 of the size (7: 8 bytes), 14 the distance counts 16 bytes,
//   15 downwards
//
// The distance is from the address of the chunk's record before, 0 at first. Stack ids
// are those of buckets of RECORDING_TRACE in the recording.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/recording.h"

enum trace_event {
	TRACE_NONE,
	TRACE_MALLOC,
	TRACE_CALLOC,
	TRACE_REALLOC, // the new block of a realloc
	TRACE_ALIGNED,
	TRACE_FREE,
	TRACE_REALLOC_FREE, // the old block of one
	TRACE_FREE_STACK,   // a free of an address on the thread's own stack
	TRACE_PAUSE,        // no event: the size is the nanoseconds that passed
	TRACE_EVENTS,
};

enum {
	TRACE_VERSION = 2,
	TRACE_HEAD_SIZE = 4096,
	TRACE_CHUNK_SIZE = 32 << 10,
	TRACE_RECORD_MAX = 2 + 4 + 4 + 8 + 8, // bytes
	TRACE_SIZE_DEFAULT = 1 << 30,
};

struct trace_head {
	char magic[8];
	uint32_t version;
	uint32_t is_brief; // frees are recorded without their stacks
	uint32_t is_part;  // the process went on afterwards
	uint32_t reserved;
	uint64_t size;            // of the whole as it was made
	uint64_t recording_size;  // bytes from the head to the chunks
	uint64_t started_ns;      // Unix time
	uint64_t clock_ns;        // CLOCK_MONOTONIC at the same moment
	_Atomic uint64_t claimed; // chunks; may exceed the number that there is room for
	_Atomic uint64_t lost;    // events, for lack of room or of stacks
	_Atomic uint64_t
		ended_ns; // CLOCK_MONOTONIC when it ended or became full, 0: never
};

enum { TRACE_BYTES = TRACE_CHUNK_SIZE - 5 * 8 };

// `used` counts the bytes of records that are complete; the first record's time counts
// from begin_ns, of CLOCK_MONOTONIC. last_ns and last_address are those of the last
// record.
struct trace_chunk {
	uint32_t tid;
	_Atomic uint32_t used;
	uint64_t begin_ns, last_ns, last_address;
	uint64_t owner; // means something to its writer alone
	uint8_t bytes[TRACE_BYTES];
};

struct trace_record {
	enum trace_event event;
	uint32_t stack; // id, 0: none
	uint64_t address, size;
	uint64_t time_ns; // CLOCK_MONOTONIC
};

// Makes an empty trace of zeroed memory of `size` bytes; its recording is the caller's to
// make.
void trace_init(struct trace_head *trace, uint64_t size, uint64_t recording_size);

// Whether a head says what trace_init wrote.
bool trace_is_valid(const struct trace_head *trace);

// How many chunks there is room for, and where one begins, in bytes from the head.
uint64_t trace_chunk_count(const struct trace_head *trace);
uint64_t trace_chunk_offset(const struct trace_head *trace, uint64_t chunk);

// Appends a record, whose time is not before the last one's. False when the chunk is
// full.
bool trace_add(struct trace_chunk *chunk, const struct trace_record *record);

// Reads the record at the start of so many bytes. It comes with the time and the address
// of the one before it, and leaves with its own. Its length; 0 where it makes no sense.
size_t trace_get(const uint8_t *bytes, size_t size, struct trace_record *record);

// Whether records of that event have a size.
bool trace_has_size(enum trace_event event);
