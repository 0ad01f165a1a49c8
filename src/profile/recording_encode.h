// A profile of a recording as profile.proto, without the heap: by the program itself, or
// by whoever holds its recording.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct recording;
struct recording_profile;
struct writer;

struct recording_encode_options {
	const struct recording_profile *profile;
	struct str name;     // of a custom profile, else empty
	uint64_t now_ns;     // Unix time: the end of what still goes on
	uint64_t missing;    // events lost before they came to the recording
	const char *comment; // one more, or NULL
};

// Plain protobuf into w. Names are not resolved: locations are addresses in mappings with
// build ids. Everything in the recording is bounded before it is used. False when memory
// ran out (or w failed, which writer_finish tells).
bool recording_encode(const struct recording *recording,
		      const struct recording_encode_options *options, struct writer *w)
	__attribute__((warn_unused_result));
