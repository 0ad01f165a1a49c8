// What perf.data says beside its records. For perf_file.c and perf_file_records.c alone.
#pragma once

#include <stdint.h>

#include "base/str.h"

struct perf_file;
struct reader;

// Sections of a file, and records of a pipe, by their numbers in util/header.h.
enum perf_file_feature {
	PERF_FILE_BUILD_IDS = 2,
	PERF_FILE_ARCH = 6,
	PERF_FILE_EVENT_NAMES = 12,
	PERF_FILE_CLOCK = 28,
	PERF_FILE_FEATURES = 256,
};

// Adds an event from the bytes of its struct perf_event_attr, which may be of another
// version than ours, and its ids.
void perf_file_add_event(struct perf_file *file, struct str attributes,
			 struct reader *ids);

// Takes a section; those that say nothing to us are none of its business.
void perf_file_take_feature(struct perf_file *file, uint64_t feature, struct str bytes);

// Takes what follows the header of one build id record.
void perf_file_take_build_id(struct perf_file *file, uint16_t misc, struct reader *r);

// Takes what follows the header of a record that names an event.
void perf_file_take_name(struct perf_file *file, struct reader *r);

// Gives those events names that have none from the file.
void perf_file_name_events(struct perf_file *file);

// Indexes the records of a data section, or of a pipe.
void perf_file_take_records(struct perf_file *file, struct str bytes);
