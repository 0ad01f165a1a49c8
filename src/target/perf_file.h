// perf.data: what `perf record` writes, to a file or to a pipe, compressed or not, as a
// table of records in the order of their times. perf.data-file-format.txt and
// util/header.h of Linux' tools/perf.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "target/perf_record.h"

struct error;

struct perf_file_event {
	struct str name; // as perf tells it, "cpu-clock:u"
	uint32_t type;   // PERF_TYPE_*
	uint64_t config;
	uint64_t period;  // between two samples; 0: as rate_hz makes it
	uint64_t rate_hz; // 0: not sampled by rate
	uint64_t samples; // of it that the file holds
	struct perf_layout layout;
};

// The build id of a program file, or of the kernel, that samples fell into.
struct perf_file_build_id {
	struct str file, build_id; // build_id is raw
	bool is_kernel;
};

// One record, of row `event`. Its bytes may stand at any address.
struct perf_file_entry {
	uint64_t time_ns;
	const uint8_t *bytes;
	uint32_t event, number; // number: where it stands in the file
};

// Borrows the bytes it was opened from until perf_file_close.
struct perf_file {
	struct arena arena;
	struct perf_file_event *events;
	size_t event_count, event_capacity;
	struct map event_rows; // id -> row of events
	struct perf_file_build_id *build_ids;
	size_t build_id_count, build_id_capacity;
	struct perf_file_entry *entries; // sorted
	size_t entry_count, entry_capacity;
	uint8_t **blocks; // of inflated records
	size_t block_count, block_capacity;
	struct str arch;        // "x86_64", "" unknown
	uint64_t wall_clock_ns; // Unix time of `clock_ns`, 0: not told
	uint64_t clock_ns;      // in the time of the records
	uint64_t damaged;       // records that could not be decoded
	struct str damage;      // where and how the file breaks off, "" where it does not
	bool is_cut;            // perf was killed, or still writes
};

bool perf_file_is_likely(struct str bytes);

// Reads the whole table. What is behind the first damage is left out, and `damage` says
// so; a file whose very header is damaged is refused.
bool perf_file_open(struct str bytes, struct perf_file *out, struct error *err)
	__attribute__((warn_unused_result));
void perf_file_close(struct perf_file *file);

// Room for a record of any size, aligned.
struct perf_file_room {
	uint64_t words[8192];
};

// Decodes an entry into views of `room`. False when it is damaged.
bool perf_file_decode(const struct perf_file *file, const struct perf_file_entry *entry,
		      struct perf_file_room *room, struct perf_record *out);
