// Profiles in the making: the flat table that libgoprof fills inside a measured process.
// It may lie in memory that outlives the process, so that `goprof run` turns it into
// profiles however the program ended. Nothing in it is a pointer.
//
//   head | slots (hash table) | buckets, one after the other
//
// A bucket is what is equal about events (kind, stack, labels, size) and how many there
// were. Texts and label sets are buckets as well: one insert-only table holds all.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum recording_kind {
	RECORDING_TEXT,   // words: the bytes of a text
	RECORDING_LABELS, // words: key, value, key, value: ids of texts
	RECORDING_MODULE, // words: struct recording_module
	RECORDING_CPU,
	RECORDING_HEAP,
	RECORDING_BLOCK,
	RECORDING_MUTEX,
	RECORDING_THREADCREATE,
	RECORDING_CUSTOM,  // size: id of the text that is its name
	RECORDING_THREADS, // counted anew for each look at it
	RECORDING_TRACE,   // stacks of an allocation trace
	RECORDING_KINDS,
};

enum {
	RECORDING_VERSION = 1,
	RECORDING_WORDS_MAX = 512, // of a bucket; longer stacks are cut
	RECORDING_SIZE_DEFAULT = 64 << 20,
	RECORDING_SIZE_MIN = 1 << 20,
};

// What its events mean is its kind's affair: heap counts allocations and frees of `size`
// bytes; the others events and their nanoseconds (custom: events added and removed).
// Words of a stack are addresses inside the instruction that each frame executes, leaf
// first. A bucket's id is its distance from the head in units of 8 bytes; 0 is none.
struct recording_bucket {
	uint32_t hash;
	uint16_t count; // of words
	uint8_t kind;
	uint8_t is_truncated;   // the stack does not reach its outermost frame
	uint32_t labels;        // id of the label set, 0: none
	uint32_t epoch;         // of the modules: see struct recording_module
	_Atomic uint32_t older; // the id of the bucket of this kind added before, 0: none
	uint64_t size;
	_Atomic uint64_t events[2];
	uint64_t words[];
};

// A program file mapped for execution: the words of a bucket. Where another one takes its
// addresses later, the epoch advances: events[0] is the first epoch of a module,
// events[1] the last one, 0 while it is there. An address belongs to the module that
// began last among those whose epochs include the bucket's.
struct recording_module {
	uint64_t start, limit, offset; // as in struct profile_mapping
	uint32_t path, build_id;       // ids of texts; the build id in hexadecimal
};

// How one kind of profile goes.
struct recording_state {
	_Atomic uint64_t period; // Hz, bytes, nanoseconds or events, by kind; 0: off
	_Atomic uint64_t started_ns, stopped_ns; // Unix time; stopped 0: still going
	_Atomic uint64_t lost;                   // events, for lack of room or of time
};

struct recording {
	char magic[8];
	uint32_t version;
	_Atomic uint32_t pid; // 0: nobody's yet
	uint64_t size;        // of the whole, bytes
	uint64_t slots, slot_count;
	uint64_t buckets;             // where they begin, bytes
	_Atomic uint64_t buckets_end; // where the next one goes; beyond size: full
	_Atomic uint32_t epoch;
	_Atomic uint32_t program; // id of the text that is the path of the program
	_Atomic uint32_t newest[RECORDING_KINDS]; // ids of buckets, 0: none
	struct recording_state states[RECORDING_KINDS];
};

// What makes events equal.
struct recording_key {
	enum recording_kind kind;
	bool is_truncated;
	uint32_t labels, epoch;
	uint64_t size;
	const uint64_t *words;
	size_t count; // at most RECORDING_WORDS_MAX
};

// Makes an empty recording of zeroed memory, page-aligned and at least
// RECORDING_SIZE_MIN long. Memory that stays untouched stays unused.
void recording_init(struct recording *recording, size_t size);

// Whether the head says what recording_init wrote, and no more than `size` bytes.
bool recording_is_valid(const struct recording *recording, size_t size);

// The bucket of a key, added when new; NULL when there is no more room. Lock-free:
// callable from signal handlers, by threads and processes at once.
struct recording_bucket *recording_add(struct recording *recording,
				       const struct recording_key *key);

// Takes a label set or a text in and returns its id; 0 when there is no room. Texts are
// cut at RECORDING_WORDS_MAX words. Async-signal-safe.
uint32_t recording_add_text(struct recording *recording, struct str text);

// The bucket of an id, checked against the bounds; NULL where it is not one of `kind`.
const struct recording_bucket *recording_at(const struct recording *recording,
					    uint32_t id, enum recording_kind kind);
uint32_t recording_id(const struct recording *recording,
		      const struct recording_bucket *bucket);

// The text of an id, "" where there is none.
struct str recording_text(const struct recording *recording, uint32_t id);

// Goes through all buckets of one kind, newest first: *cursor is 0 at first; NULL at the
// end, which comes even in a damaged recording.
const struct recording_bucket *recording_next(const struct recording *recording,
					      enum recording_kind kind, uint64_t *cursor);

// Several recordings in one file: one for each process that a command starts. The board
// comes first; recording i begins at RECORDING_BOARD_SIZE + i * recording_size.
struct recording_board {
	char magic[8];
	uint32_t version, count;
	uint64_t recording_size;
	_Atomic uint32_t claimed; // may exceed count: processes that found no place
};

enum { RECORDING_BOARD_SIZE = 4096 };

void recording_board_init(struct recording_board *board, uint32_t count,
			  uint64_t recording_size);

// Whether the head of a board of a file of that size is what it should be.
bool recording_board_is_valid(const struct recording_board *board, uint64_t file_size);
