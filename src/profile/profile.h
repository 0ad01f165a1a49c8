// The profile: one in-memory model, whatever it came from. Columnar tables of 32-bit ids.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

// "No such row". String id 0 is always the empty string.
#define PROFILE_NONE UINT32_MAX

// What one value column counts, as string ids: ("cpu", "nanoseconds").
struct profile_value_type {
	uint32_t type, unit;
};

// A program file mapped into the measured process: addresses [start, limit) show the file
// from `offset` on. profile.proto, message Mapping.
struct profile_mapping {
	uint64_t id; // as read or given; unique, never 0
	uint64_t start, limit, offset;
	uint32_t file, build_id; // string ids
	bool has_functions, has_filenames, has_line_numbers, has_inline_frames;
};

struct profile_function {
	uint64_t id;
	uint32_t name, system_name, filename; // string ids; name is demangled
	int64_t start_line;
};

// One function at one place. Inlined callees stand before what they are inlined into.
struct profile_line {
	uint32_t function; // row of functions, or PROFILE_NONE
	int64_t line, column;
};

// An instruction address, with the lines [first_line, first_line + line_count) of the
// line table: index 0 is the innermost inlined function, the last is the real caller.
struct profile_location {
	uint64_t id;
	uint64_t address;
	uint32_t mapping; // row of mappings, or PROFILE_NONE
	uint32_t first_line, line_count;
	bool is_folded;
};

// A string label (string != 0) or a numeric one (string == 0) with an optional unit.
struct profile_label {
	uint32_t key, string; // string ids
	int64_t number;
	uint32_t unit; // string id
};

// Rows of variable length: row i is items[offsets[i]] up to items[offsets[i + 1]].
struct profile_stacks {
	uint32_t *locations; // rows of the location table, leaf first
	uint64_t *offsets;   // count + 1 of them
	size_t count, capacity, location_count, location_capacity;
};

struct profile_label_sets {
	struct profile_label *labels;
	uint32_t *offsets; // count + 1 of them
	size_t count, capacity, label_count, label_capacity;
};

// How trustworthy the numbers are, as the recorder counted them. It travels in files as a
// comment in words (quality.h), so other tools show it too.
struct profile_quality {
	bool is_known;      // recorded by goprof; all else is 0 otherwise
	uint64_t samples;   // events taken
	uint64_t lost;      // events the kernel or a full buffer dropped
	uint64_t truncated; // samples whose stack does not reach its outermost frame
	uint64_t rate_hz;   // asked for; 0 where it has no meaning
	uint64_t cpu_ns;    // CPU time of the target by the kernel's count; 0: not known
	uint64_t unsampled_ns; // the part of it that no sample stands for
	uint64_t frames;       // in the stacks of all samples; 0: not counted
	uint64_t unnamed;      // those of them without a function's name
};

// Owner of all its tables (heap blocks) and strings (arena, or views into `input`, which
// the profile owns too). Rows are added through builder.h or a decoder, never by hand.
// Equal stacks are one row of `stacks`, equal label lists one row of `label_sets`; row 0
// of label_sets is the empty list. Samples stay apart as they were read.
struct profile {
	struct arena arena;
	struct interner strings; // by string id; 0 is ""

	struct profile_value_type *types;
	size_t type_count;
	uint32_t default_type; // string id of a type name, 0: none stated

	size_t sample_count, sample_capacity;
	uint32_t *sample_stacks; // rows of stacks
	uint32_t *sample_labels; // rows of label_sets
	int64_t *sample_values;  // sample_count * type_count, row by row

	struct profile_stacks stacks;
	struct profile_label_sets label_sets;

	struct profile_mapping *mappings;
	size_t mapping_count, mapping_capacity;
	struct profile_location *locations;
	size_t location_count, location_capacity;
	struct profile_line *lines;
	size_t line_count, line_capacity;
	struct profile_function *functions;
	size_t function_count, function_capacity;

	struct profile_value_type period_type;
	int64_t period;
	int64_t time_ns;                            // Unix time of the start, 0: unknown
	int64_t duration_ns;                        // 0: unknown
	uint32_t drop_frames, keep_frames, doc_url; // string ids, 0: none
	uint32_t *comments;                         // string ids
	size_t comment_count, comment_capacity;

	struct profile_quality quality;
	uint8_t *input; // what string views point into; freed with the profile
	size_t input_size;
};

struct profile *profile_create(void);
void profile_destroy(struct profile *profile);

static inline struct str profile_string(const struct profile *profile, uint32_t id)
{
	return profile->strings.strings[id];
}

// The id of s; a new string is copied into the profile's arena.
uint32_t profile_intern(struct profile *profile, struct str s);

// The values of sample i, type_count of them.
static inline const int64_t *profile_values(const struct profile *profile, size_t i)
{
	return profile->sample_values + i * profile->type_count;
}

struct profile_stack_view {
	const uint32_t *locations; // leaf first
	size_t count;
};

static inline struct profile_stack_view profile_stack(const struct profile *profile,
						      uint32_t stack)
{
	uint64_t from = profile->stacks.offsets[stack];

	return (struct profile_stack_view){
		profile->stacks.locations + from,
		(size_t)(profile->stacks.offsets[stack + 1] - from),
	};
}

struct profile_labels_view {
	const struct profile_label *labels;
	size_t count;
};

static inline struct profile_labels_view profile_labels(const struct profile *profile,
							uint32_t set)
{
	uint32_t from = profile->label_sets.offsets[set];

	return (struct profile_labels_view){
		profile->label_sets.labels + from,
		profile->label_sets.offsets[set + 1] - from,
	};
}

void profile_add_comment(struct profile *profile, struct str text);
