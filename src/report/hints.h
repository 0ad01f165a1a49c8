// A profile read as an expert would read it: findings with their numbers, who causes
// them, and the next command to run.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "report/hint_tally.h"

struct error;
struct profile;

enum hints_kind { HINTS_CPU, HINTS_HEAP, HINTS_WAIT };

enum hint_weight {
	HINT_FINDING,  // worth a look
	HINT_HARMLESS, // large, but usually means nothing
	HINT_QUALITY,  // how far the numbers can be trusted
};

// Who causes a finding: a function and the frames of its heaviest stack from there down
// to the function that belongs to the finding.
struct hint_cause {
	struct str function;
	int64_t value;
	double share; // of the total
	struct str *frames;
	size_t frame_count;
};

struct hint {
	enum hint_weight weight;
	const char *id;  // a stable word
	struct str text; // sentences with the numbers
	struct str advice;
	struct str command; // to run next, "" none
	struct str unit;    // of value
	int64_t value;
	double share; // of the total, 0 to 1
	bool has_interval;
	struct hint_interval interval; // of the share
	struct hint_cause *causes;
	size_t cause_count;
};

// Zero-initialised min_share shows everything.
struct hints_options {
	double min_share;   // findings below it are left out, 0 to 1
	struct str program; // what next commands start with: "goprof", "goprof cpu"
	struct str source;  // and end with, quoted for a shell
};

// Owner of all it points to; borrows the profile and the options' strings.
struct hints {
	const struct profile *profile;
	struct hints_options options;
	enum hints_kind kind;
	size_t column; // of the values
	struct str type, unit;
	int64_t total;
	double samples;     // taken, as far as the profile tells; 0: unknown
	double effective;   // of equal weight that would tell as much; 0: no intervals
	double unmatched;   // the share that belongs to no topic
	struct hint *items; // findings by share, then harmless ones, then quality
	size_t count, capacity;
	struct arena arena;
};

// Fails for profiles that are none of the kinds, and says which report to use.
bool hints_compute(const struct profile *profile, const struct hints_options *options,
		   struct hints *out, struct error *err)
	__attribute__((warn_unused_result));
void hints_deinit(struct hints *hints);
