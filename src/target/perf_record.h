// The records that the kernel writes into a perf ring, or perf into a file, decoded.
#pragma once

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "unwind/unwind.h"

// What every event of ours asks for (perf_event.c) and this file decodes.
#define PERF_RECORD_SAMPLE_TYPE                                                  \
	(PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID |  \
	 PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | \
	 PERF_SAMPLE_STACK_USER)

// The sixteen general registers and the instruction pointer, as bits of perf's numbering.
#define PERF_RECORD_USER_REGISTERS UINT64_C(0xff01ff)

// What the samples of an event hold, from its attributes (perf_event_open(2)).
struct perf_layout {
	uint64_t sample_type, read_format;
	uint64_t branch_type;    // branch_sample_type
	uint64_t user_registers; // sample_regs_user
	bool has_trailer;        // sample_id_all: other records say whose and when, too
};

// Of the events of ours: with what the event has counted by then in each sample, which
// inherited events can tell since Linux 6.12, and without.
extern const struct perf_layout perf_record_counted_layout, perf_record_plain_layout;

struct perf_sample {
	uint64_t ip;
	uint64_t period;    // 0: not in the sample, every one stands for the same
	uint64_t stream_id; // of the one event: of this thread, on this CPU
	uint64_t counted;   // by that event so far, 0: the sample does not tell
	const uint64_t
		*chain; // leaf first, a marker before each part; see perf_record_part
	size_t chain_count;
	bool has_user; // registers and stack of 64-bit user code
	struct unwind_registers registers;
	const uint8_t *stack; // from RSP upwards
	size_t stack_size;
	bool has_hole; // copied only up to a page that nobody has touched yet
};

struct perf_mapping {
	uint64_t start, size, offset;
	uint32_t device_major, device_minor;
	uint64_t inode;
	bool is_executable;
	struct str file;     // as /proc/PID/maps would name it
	struct str build_id; // raw, "" where the record does not tell; inode 0 then
};

struct perf_name {
	struct str text;
	bool is_exec; // the process has a new program: its mappings are gone
};

struct perf_birth {
	int parent, parent_tid;
	bool is_found; // perf found it running and describes its memory: none is
		       // inherited
};

// Views point into the record. `type` is one of PERF_RECORD_*; those without a member
// here say all they have in the first fields.
struct perf_record {
	uint32_t type;
	int pid, tid;
	uint64_t time_ns;
	uint64_t event_id;
	uint32_t event; // column of the profile, 0 unless whoever reads sets it
	union {
		struct perf_sample sample;   // PERF_RECORD_SAMPLE
		struct perf_mapping mapping; // PERF_RECORD_MMAP2, which MMAP becomes
		struct perf_name name;       // PERF_RECORD_COMM
		struct perf_birth birth;     // PERF_RECORD_FORK
		uint64_t lost;               // PERF_RECORD_LOST, PERF_RECORD_LOST_SAMPLES
	};
};

// Decodes one record of header->size bytes, aligned to 8. False when it is damaged or of
// a type that says nothing to us.
bool perf_record_decode(const struct perf_event_header *header,
			const struct perf_layout *layout, struct perf_record *out);

// A part of a sample's chain, PERF_CONTEXT_KERNEL or PERF_CONTEXT_USER: where the CPU
// was, or would go on, and return addresses as frame pointers show them, up to one of 0.
struct perf_part {
	const uint64_t *addresses;
	size_t count;
};

struct perf_part perf_record_part(const struct perf_sample *sample, uint64_t context);

// When it was written, without decoding the rest; 0 when the record is too short.
uint64_t perf_record_time(const struct perf_event_header *header);
