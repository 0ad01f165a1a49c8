// What the readers of each kind of profile share: columns, sentences, commands.
#pragma once

#include <stddef.h>

#include "report/hint_match.h"
#include "report/hint_sets.h"
#include "report/hint_tally.h"
#include "report/hints.h"

#define HINTS_NO_COLUMN SIZE_MAX

// The column of that type name, or HINTS_NO_COLUMN.
size_t hints_column(const struct profile *profile, const char *name);

// A finding about that tally, with its share, interval and causes, to be given its text;
// NULL where it is below the share or the number of samples that findings need. Valid
// until the next call.
struct hint *hints_add(struct hints *hints, const char *id, struct hint_tally *tally);

// The same whatever its share.
struct hint *hints_add_always(struct hints *hints, enum hint_weight weight,
			      const char *id, struct hint_tally *tally);

// "12.3%", and with the interval: "12.3% (10.1% to 14.9%)".
struct str hints_percent(struct hints *hints, double share);
struct str hints_share(struct hints *hints, const struct hint *hint);

// A value of the profile with its unit: "1.50s".
struct str hints_value(struct hints *hints, int64_t value);

// "goprof FLAGS SOURCE".
struct str hints_command(struct hints *hints, struct str flags);

// "goprof -peek='^name$' SOURCE" for the function that belongs to the tally's first
// cause;
// "" where there is none.
struct str hints_peek(struct hints *hints, const struct hint_tally *tally);
struct str hints_peek_name(struct hints *hints, struct str name);

// The nearest function outside frame `at` that is neither plumbing nor of a topic.
struct hint_caller hints_blame(const struct hint_match *plumbing,
			       const struct hint_match *topics,
			       const struct hint_stack *stack, uint32_t row, size_t at);

// Adds the findings of each kind of profile.
void hints_read_cpu(struct hints *hints);
void hints_read_heap(struct hints *hints);
void hints_read_wait(struct hints *hints);
void hints_read_quality(struct hints *hints);
