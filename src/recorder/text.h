// Profiles as text, in the formats of Go's runtime/pprof (pprof.go of Go 1.22:
// printCountProfile, writeHeapInternal, writeProfileInternal, writeGoroutineStacks).
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct recording;
struct recording_profile;
struct writer;

enum text_level { TEXT_COUNTS = 1, TEXT_STACKS = 2 }; // debug=1, debug=2

// The profile of a recording; `name` is that of a custom one. Places are module files
// with line 0: lines are not looked up in the process. TEXT_STACKS is for threads; others
// are written as TEXT_COUNTS. False for lack of memory.
bool text_write(const struct recording *recording,
		const struct recording_profile *profile, struct str name,
		enum text_level level, struct writer *out)
	__attribute__((warn_unused_result));

// The answer of /debug/pprof/symbol: lines "0xADDRESS NAME" for "0xADDRESS+0xADDRESS".
bool text_write_symbols(const struct recording *recording, struct str addresses,
			struct writer *out) __attribute__((warn_unused_result));
