// The finished answer: sorted, trimmed, scaled. Renderings only draw it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "report/format.h"
#include "report/graph.h"
#include "report/label_units.h"
#include "report/measure.h"
#include "report/options.h"

struct error;
struct profile;

enum report_inlining { INLINED_NEVER, INLINED_ALWAYS, INLINED_PARTLY };

// One line of a table.
struct report_row {
	uint32_t node;
	struct str label;
	int64_t flat, cum;
	int64_t flat_sum; // of this row and those above
	enum report_inlining inlining;
};

// What a reader must know to trust the numbers.
struct report_quality {
	uint64_t addresses; // distinct ones in the profile
	uint64_t unnamed;   // of those, without a function
};

// Owned by its user; borrows the profile.
struct report {
	const struct profile *profile;
	const struct report_format *format;
	struct report_options options; // as the format left them
	size_t value_index;
	struct str type, unit; // of the values: "mean_delay", "nanoseconds"
	struct str output_unit;
	int64_t total; // that percentages refer to
	struct str title;
	struct label_units label_units;
	struct str *warnings; // about filters and labels, for people
	size_t warning_count;

	bool has_graph;
	struct graph graph;
	struct node_tags *tags;  // of pictures only, else NULL
	struct report_row *rows; // of the nodes shown
	size_t row_count;
	int64_t shown;          // sum of flat
	struct change *changes; // by row, of comparisons with a base; else NULL

	struct report_quality quality;
	struct arena arena;
};

// Filters the profile in place and computes what the format shows.
bool report_compute(struct profile *profile, const struct report_format *format,
		    const struct report_options *options, struct report *out,
		    struct error *err) __attribute__((warn_unused_result));
void report_deinit(struct report *report);

// A value of the profile in the unit of the report, divided by -divide_by.
struct str report_value(const struct report *report, struct arena *arena, int64_t value);

// "." for nothing.
struct str report_value_or_dot(const struct report *report, struct arena *arena,
			       int64_t value);
