// The records of HPROF 1.0.2, the heap dump format of Java's tools. Big-endian; ids are
// eight bytes. Source: hprof's manual ("HPROF Agent", file hprof_b_spec.h of JDK 6 to 8).
#pragma once

#include <stdint.h>

#include "base/str.h"
#include "base/writer.h"

enum hprof_type {
	HPROF_REFERENCE = 2,
	HPROF_BYTE = 8,
	HPROF_LONG = 11,
};

enum hprof_root {
	HPROF_ROOT_GLOBAL = 0x01,
	HPROF_ROOT_UNKNOWN = 0xff,
};

// Collects what stands inside of heap dump segments, each of which is below 4 GB.
struct hprof_records {
	struct writer *out; // borrowed
	struct writer segment;
	uint64_t next_string;
};

void hprof_records_init(struct hprof_records *records, struct writer *out,
			uint64_t time_ms);
void hprof_records_deinit(struct hprof_records *records);

// Records of their own. Texts get ids.
uint64_t hprof_records_string(struct hprof_records *records, struct str text);
void hprof_records_load_class(struct hprof_records *records, uint32_t serial,
			      uint64_t class_id, uint64_t name);

struct hprof_frame {
	uint64_t id, function, file; // ids of strings
	uint32_t line;
};

void hprof_records_frame(struct hprof_records *records, const struct hprof_frame *frame);
void hprof_records_trace(struct hprof_records *records, uint32_t serial,
			 const uint64_t *frames, uint32_t count);

// Inside of segments. An array or instance is begun with what it will hold, then follow
// exactly that many bytes by hprof_records_u64 and hprof_records_bytes.
struct hprof_class {
	uint64_t id, super;
	uint32_t size;
	const uint64_t *names; // of fields: ids of strings
	const uint8_t *types;  // enum hprof_type
	uint16_t count;
};

void hprof_records_class(struct hprof_records *records, const struct hprof_class *class);
void hprof_records_root(struct hprof_records *records, enum hprof_root kind, uint64_t id);

struct hprof_object {
	uint64_t id, class_id;
	uint32_t trace, count; // count: bytes of an instance, items of an array
};

void hprof_records_instance(struct hprof_records *records,
			    const struct hprof_object *object);
void hprof_records_references(struct hprof_records *records,
			      const struct hprof_object *object);
void hprof_records_byte_array(struct hprof_records *records,
			      const struct hprof_object *object);
void hprof_records_u64(struct hprof_records *records, uint64_t value);
void hprof_records_bytes(struct hprof_records *records, const void *bytes, uint64_t size);
void hprof_records_zeros(struct hprof_records *records, uint64_t size);

// Writes the last segment and the end of the heap.
void hprof_records_finish(struct hprof_records *records);
