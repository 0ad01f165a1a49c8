// What one pass over a profile.proto leaves open: indices of strings and ids of rows.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "profile/proto_ids.h"
#include "profile/proto_samples.h"

struct error;
struct inflate_ahead;
struct profile;

// The pass so far. Until proto_resolve the tables of the profile hold indices into
// `strings` for strings, and references (proto_ids.h) for rows of other tables.
struct proto_decoder {
	struct profile *profile;
	struct proto_samples samples;
	struct proto_refs function_refs, mapping_refs;
	struct str *strings;
	size_t string_count, string_capacity;
	uint64_t max_string;         // largest index seen
	struct inflate_ahead *ahead; // NULL: all of the input is there
	const uint8_t *release_from; // NULL: the input is not ours to release
	bool is_concatenated;
};

// Turns indices into string ids and references into rows, and checks them. The strings
// are copied, so the input may go.
bool proto_resolve(struct proto_decoder *d, struct error *err)
	__attribute__((warn_unused_result));
