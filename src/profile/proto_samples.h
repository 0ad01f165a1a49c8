// Sample messages of a profile.proto into the sample, stack and label tables.
#pragma once

#include <stdbool.h>

#include "base/fold.h"
#include "profile/profile.h"
#include "profile/proto_ids.h"
#include "profile/varint_run.h"

struct error;
struct reader;

enum { PROTO_BATCH_SIZE = 64 };

// A sample that was read but not yet looked up: where its part of the batch's ids and
// labels ends.
struct proto_pending {
	uint64_t stack_hash, labels_hash;
	size_t id_end, label_end;
};

// Samples wait in batches, so that the memory which folding touches for one is on its way
// while others are looked at. Until proto_samples_finish the stacks hold references
// (proto_ids.h) and the labels hold indices into the file's string table.
struct proto_samples {
	struct profile *profile;
	struct proto_refs refs;
	struct varint_runs runs;
	struct fold stack_rows, label_rows;
	uint32_t *ids;
	size_t id_count, id_capacity;
	struct profile_label *labels;
	size_t label_count, label_capacity;
	int64_t *values; // of all samples, value_count each
	size_t value_total, value_capacity;
	size_t value_count;     // of the first sample
	size_t odd_value_count; // of the first sample that differs
	bool has_odd;           // there is one
	uint64_t max_string;    // largest index seen
	uint32_t max_ref;       // largest reference in the stacks
	struct proto_pending pending[PROTO_BATCH_SIZE];
	size_t pending_count;
};

// input_size is that of the plain bytes and only a hint.
void proto_samples_init(struct proto_samples *samples, struct profile *profile,
			size_t input_size);
void proto_samples_deinit(struct proto_samples *samples);

// Reads one message; `message` fails where it is damaged.
void proto_samples_read(struct proto_samples *samples, struct reader *message);

// Folds what still waits and hands the values to the profile, whose types are known now.
// False when counts differ from the types.
bool proto_samples_finish(struct proto_samples *samples, struct error *err)
	__attribute__((warn_unused_result));

// Turns references into rows of the location table.
bool proto_samples_resolve(struct proto_samples *samples, const struct proto_rows *rows,
			   struct error *err) __attribute__((warn_unused_result));

// Turns indices of the file into string ids. Label lists that become equal are folded.
void proto_samples_translate(struct proto_samples *samples, const uint32_t *string_ids);
